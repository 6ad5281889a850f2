using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Tensors;

/// <summary>A view never reaches memory that is not its own: sizes are checked when it is made, life when it is used.</summary>
public sealed class ViewTests
{
    private readonly ReferenceBackend _backend = new();

    [OneTimeTearDown]
    public void End() => _backend.Dispose();

    [Test]
    public void A_view_larger_than_its_buffer_is_refused()
    {
        Buffer buffer = _backend.Memory.Rent(16);
        Assert.That(() => new View(buffer, DType.Float32, [5]),
            Throws.TypeOf<MemoryException>().With.Message.Contains("20 bytes"));
        Assert.That(() => new View(buffer, DType.Float64, [4]), Throws.TypeOf<MemoryException>());
        Assert.That(() => new View(default, DType.Float32, [1]), Throws.TypeOf<MemoryException>());
        Assert.That(() => new View(buffer, DType.Float32, [2, 2]).Span<float>().Length, Is.EqualTo(4));
        buffer.Return();
    }

    [TestCase(0, 0, 3)]
    [TestCase(0, -1, 1)]
    [TestCase(0, 2, 1)]
    [TestCase(0, 1, int.MaxValue)]
    [TestCase(0, int.MaxValue, 1)]
    [TestCase(0, int.MinValue, 1)]
    [TestCase(0, 0, -1)]
    [TestCase(1, 3, 1)]
    [TestCase(2, 0, 1)]
    [TestCase(-1, 0, 1)]
    [TestCase(int.MinValue, 0, 1)]
    public void A_slice_past_its_end_is_refused(int axis, int start, int length)
    {
        using Tensor tensor = new(_backend, [2, 3]);
        Assert.That(() => tensor.View.Slice(axis, start, length), Throws.TypeOf<ShapeMismatchException>());
    }

    [Test]
    public void Slices_within_their_axis_are_made_also_empty_ones_at_the_end()
    {
        using Tensor tensor = Tensor.From<float>(_backend, [1, 2, 3, 4, 5, 6], [2, 3]);
        Assert.That(tensor.View.Slice(0, 1, 1).Slice(1, 1, 2).Span<float>().ToArray(), Is.EqualTo(new float[] { 5, 6 }));
        Assert.That(tensor.View.Slice(1, 3, 0).Shape, Is.EqualTo(Shape.Of(2, 0)));
    }

    [Test]
    public void Axes_that_do_not_exist_and_shapes_that_do_not_fit_are_refused()
    {
        using Tensor vector = new(_backend, [3]);
        Assert.That(() => vector.View.T, Throws.TypeOf<ShapeMismatchException>());
        Assert.That(() => vector.View.Swap(0, 6), Throws.TypeOf<ShapeMismatchException>());
        Assert.That(() => vector.View.Reshape([4]), Throws.TypeOf<ShapeMismatchException>());
        Assert.That(() => vector.View.BroadcastTo([4]), Throws.TypeOf<ShapeMismatchException>());
        using Tensor matrix = new(_backend, [3, 3]);
        Assert.That(() => matrix.View.BroadcastTo([3]), Throws.TypeOf<ShapeMismatchException>());
    }

    [Test]
    public void A_view_kept_after_its_tensor_is_refused_by_every_way_to_read_or_write_it_even_when_the_memory_is_lent_again()
    {
        Tensor tensor = Tensor.From<float>(_backend, [1, 2], [2]);
        View kept = tensor.View, part = kept.Slice(0, 0, 1);
        tensor.Dispose();
        using Tensor next = Tensor.From<float>(_backend, [9, 9], [2]);
        foreach (Action use in new Action[]
        {
            () => kept.Span<float>(), () => part.Span<float>(), () => _backend.Download<float>(kept, new float[2]),
            () => _backend.Upload<float>([3, 3], kept), () => _backend.Fill(kept, 3),
            () => _backend.Copy(kept, Destination.Into(next.View)), () => _backend.Copy(next.View, Destination.Into(kept)),
            () => next.CopyFrom(kept), () => _backend.Map<Exp.Function>(next.View, Destination.Into(kept)),
        })
            Assert.That(() => use(), Throws.TypeOf<MemoryException>().With.Message.Contains("given back"));
        Assert.That(next.ToArray<float>(), Is.EqualTo(new float[] { 9, 9 }));
    }

    [TestCase(2)]
    [TestCase(100_000)]
    public void A_view_kept_after_its_graph_gave_the_memory_back_is_refused(int length)
    {
        using Graph graph = new(_backend);
        Value y = graph.Input<float>(new float[length], [length]).Exp();
        graph.Forward(y);
        View kept = y.View;
        graph.Abandon();
        Assert.That(() => kept.Span<float>(), Throws.TypeOf<MemoryException>());
        graph.Forward(y);
        Assert.That(() => kept.Span<float>(), Throws.TypeOf<MemoryException>(), "the memory is lent again");
        Assert.That(y.View.Span<float>()[0], Is.EqualTo(1));
    }
}
