using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Tensors;

/// <summary>Counts up to 2^31-1 elements are shapes; beyond, an error says so before any memory is asked for.</summary>
public sealed class LargeShapeTests
{
    [Test]
    public void A_shape_of_2_to_the_31_elements_is_refused_with_its_lengths_and_a_hint()
    {
        ShapeMismatchException? error = Assert.Throws<ShapeMismatchException>(() => _ = Shape.Of(65536, 32768));
        Assert.That(error!.Message, Does.Contain("[65536,32768]").And.Contain("2^31-1").And.Contain("microbatches"));
        Assert.Throws<ShapeMismatchException>(() => _ = Shape.Of(int.MaxValue, int.MaxValue, int.MaxValue));
        Assert.That(Shape.Of(int.MaxValue).ElementCount, Is.EqualTo(int.MaxValue));
    }

    [Test]
    public void A_tensor_of_2_to_the_31_elements_is_refused_before_memory_is_rented()
    {
        using ReferenceBackend backend = new();
        Assert.Throws<ShapeMismatchException>(() => _ = new Tensor(backend, [1 << 16, 1 << 15]));
        Assert.That(backend.Memory.Outstanding, Is.Zero);
    }

    [Test]
    public void Operands_that_broadcast_beyond_2_to_the_31_elements_are_refused()
    {
        using ReferenceBackend backend = new();
        using Graph graph = new(backend);
        using Tensor column = new(backend, [1 << 16, 1]), row = new(backend, [1, 1 << 15]);
        Value a = graph.Input(column), b = graph.Input(row);
        Assert.Throws<ShapeMismatchException>(() => _ = a + b);
    }

    [Test]
    public void A_long_row_can_be_turned_into_a_column()
    {
        using ReferenceBackend backend = new();
        using Tensor wide = new(backend, [2, 50_000]);
        Assert.That(wide.View.T.Shape, Is.EqualTo(Shape.Of(50_000, 2)));
        Assert.That(wide.View.T.T.IsDense, Is.True);
    }

    [Test]
    public void An_axis_of_length_zero_leaves_no_elements_whatever_the_others_are()
    {
        Assert.That(Shape.Of(0, int.MaxValue, int.MaxValue).ElementCount, Is.Zero);
        Assert.That(Shape.Of(int.MaxValue, int.MaxValue, 0).ElementCount, Is.Zero);
    }
}
