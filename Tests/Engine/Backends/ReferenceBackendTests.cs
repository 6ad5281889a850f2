using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class ReferenceBackendTests
{
    [Test]
    public void Repeated_verbs_allocate_no_managed_memory()
    {
        using ReferenceBackend b = new();
        using Tensor x = Tensor.From<float>(b, [1, 2, 3, 4, 5, 6, 7, 8], [1, 4, 1, 2]), y = new(b, x.Shape),
            lse = new(b, [1, 1, 4], DTypes.Statistics);
        AttentionOptions options = new();
        View q = x.View, rows = x.View.Reshape([4, 2]), to = y.View.Reshape([4, 2]);
        void Step()
        {
            b.Gemm(rows, rows.Slice(0, 0, 2).T, Into(to));
            b.Copy(rows, AddTo(to));
            b.Sum(rows, Into(to.Slice(0, 0, 1)));
            b.Softmax(rows, Into(to));
            b.Attention(q, q, q, options, y.View, lse.View);
            b.AttentionGradient(q, q, q, y.View, lse.View, q, options, AddTo(y.View), default, default);
        }
        Step();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) Step();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Disposing_frees_what_waits_at_once_and_what_is_lent_when_it_returns()
    {
        ReferenceBackend b = new();
        Tensor lent = new(b, [100]);
        new Tensor(b, [1000]).Dispose();
        b.Dispose();
        Assert.That(b.Memory.ReservedBytes, Is.EqualTo(lent.View.Buffer.Capacity));
        lent.Dispose();
        Assert.That(b.Memory.ReservedBytes, Is.Zero);
        Assert.Throws<ObjectDisposedException>(() => _ = new Tensor(b, [1]));
    }

    [Test]
    public void A_tensor_without_elements_is_dense_whatever_its_shape()
    {
        using ReferenceBackend b = new();
        foreach (Shape shape in new Shape[] { [2, 0], [0, 2], [2, 0, 3], [0] })
        {
            using Tensor empty = new(b, shape);
            Assert.That(empty.View.IsDense, Is.True, $"{shape}");
            Assert.That(empty.ToArray<float>(), Is.Empty);
        }
    }
}
