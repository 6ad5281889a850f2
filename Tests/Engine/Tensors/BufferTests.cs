using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Tensors;

/// <summary>A buffer is given back once, by whoever rented it.</summary>
public sealed class BufferTests
{
    [TestCase(64)]
    [TestCase(1 << 20)]
    public void A_second_return_is_refused_also_when_the_memory_is_lent_to_another_by_then(int bytes)
    {
        using MemoryPool pool = new();
        Buffer first = pool.RentBriefly(bytes);
        first.Return();
        Assert.That(first.Return, Throws.TypeOf<MemoryException>().With.Message.Contains("twice"));
        Buffer second = pool.RentBriefly(bytes);
        Assert.That(first.Return, Throws.TypeOf<MemoryException>());
        Assert.That(() => first.Pointer, Throws.TypeOf<MemoryException>());
        Assert.That((first.IsLent, second.IsLent, pool.Outstanding), Is.EqualTo((false, true, 1)));
        second.Return();
        Assert.That(pool.CurrentBytes, Is.Zero);
    }

    [Test]
    public void Memory_of_a_tensor_or_a_graph_is_not_given_back_through_a_view()
    {
        using ReferenceBackend backend = new();
        using Tensor tensor = Tensor.From<float>(backend, [1, 2], [2]);
        using Graph graph = new(backend);
        Value y = graph.Input(tensor).Exp();
        graph.Forward(y);
        Assert.That(tensor.View.Buffer.Return, Throws.TypeOf<MemoryException>().With.Message.Contains("did not rent"));
        Assert.That(y.View.Buffer.Return, Throws.TypeOf<MemoryException>());
        Assert.That(tensor.ToArray<float>(), Is.EqualTo(new float[] { 1, 2 }));
    }

    [Test]
    public void No_buffer_is_no_memory()
    {
        Assert.That(() => default(Buffer).Return(), Throws.TypeOf<MemoryException>());
        Assert.That(() => default(Buffer).Pointer, Throws.TypeOf<MemoryException>());
        Assert.That((default(Buffer).Exists, default(Buffer).IsLent), Is.EqualTo((false, false)));
        Assert.That($"{default(Buffer)}", Is.EqualTo("no memory"));
    }
}
