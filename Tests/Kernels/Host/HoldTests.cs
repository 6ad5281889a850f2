using AutogradCore.Kernels;
using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Host;

[TestFixture(DType.Float32)]
[TestFixture(DType.Float64)]
public sealed class HoldTests(DType dtype)
{
    private readonly HostBackend _backend = new(2);

    [OneTimeTearDown]
    public void Dispose() => _backend.Dispose();

    [TestCase(1, 40, 33)]
    [TestCase(70, 130, 600)]
    public void Products_with_a_held_matrix_have_the_same_bits(int m, int n, int k)
    {
        using Tensor x = Random([m, k], 1), w = Random([n, k], 2);
        using Tensor before = new(_backend, [m, n], dtype), during = new(_backend, [m, n], dtype);
        _backend.Gemm(x.View, w.View.T, Into(before.View));
        using (_backend.Hold([w.View]))
            for (int i = 0; i < 2; i++)
            {
                _backend.Gemm(x.View, w.View.T, Into(during.View));
                Assert.That(Values(during), Is.EqualTo(Values(before)));
            }
    }

    [Test]
    public void A_matrix_is_packed_once_however_many_hold_it_and_its_panels_go_back_with_the_last()
    {
        using Tensor x = Random([9, 64], 1), w = Random([48, 64], 2), y = new(_backend, [9, 48], dtype);
        long bytes = _backend.Memory.CurrentBytes;
        IDisposable first = _backend.Hold([w.View]), second = _backend.Hold([w.View]);
        Assert.That(_backend.Memory.CurrentBytes, Is.EqualTo(bytes), "nothing is packed before it is read");
        _backend.Gemm(x.View, w.View.T, Into(y.View));
        long packed = _backend.Memory.CurrentBytes;
        Assert.That(packed, Is.GreaterThan(bytes));
        first.Dispose();
        _backend.Gemm(x.View, w.View.T, Into(y.View));
        Assert.That(_backend.Memory.CurrentBytes, Is.EqualTo(packed));
        second.Dispose();
        second.Dispose();
        Assert.That(_backend.Memory.CurrentBytes, Is.EqualTo(bytes));
    }

    [Test]
    public void After_the_promise_ends_a_changed_matrix_is_read_anew()
    {
        using Tensor x = Random([9, 64], 1), w = Random([48, 64], 2), y = new(_backend, [9, 48], dtype);
        using (_backend.Hold([w.View])) _backend.Gemm(x.View, w.View.T, Into(y.View));
        _backend.Fill(w.View, 0);
        using (_backend.Hold([w.View])) _backend.Gemm(x.View, w.View.T, Into(y.View));
        Assert.That(Values(y), Is.All.Zero);
    }

    [Test]
    public void A_part_of_a_held_matrix_is_read_where_it_lies()
    {
        using Tensor x = Random([9, 64], 1), w = Random([48, 64], 2), all = new(_backend, [9, 48], dtype);
        using Tensor part = new(_backend, [9, 40], dtype), apart = new(_backend, [9, 40], dtype);
        View rows = w.View.Slice(0, 0, 40);
        _backend.Gemm(x.View, rows.T, Into(apart.View));
        using (_backend.Hold([w.View]))
        {
            _backend.Gemm(x.View, w.View.T, Into(all.View));
            _backend.Gemm(x.View, rows.T, Into(part.View));
        }
        Assert.That(Values(part), Is.EqualTo(Values(apart)));
    }

    private Tensor Random(in Shape shape, ulong seed)
    {
        double[] values = new double[shape.ElementCount];
        new RandomStream(seed, 0).FillNormal(values);
        Tensor tensor = new(_backend, shape, dtype);
        if (dtype == DType.Float64) tensor.CopyFrom<double>(values);
        else tensor.CopyFrom<float>(Array.ConvertAll(values, v => (float)v));
        return tensor;
    }

    private double[] Values(Tensor tensor) =>
        dtype == DType.Float64 ? tensor.ToArray<double>() : Array.ConvertAll(tensor.ToArray<float>(), v => (double)v);
}
