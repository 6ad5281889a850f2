using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Graphs;

public sealed class GraphFusionTests
{
    private CountingBackend _backend = null!;
    private Graph _graph = null!;
    private Tensor _wData = null!, _bData = null!;
    private Value _x, _w, _b;

    [SetUp]
    public void Begin()
    {
        _backend = new CountingBackend();
        _graph = new Graph(_backend) { PoisonFreed = true };
        _wData = Random([6, 6], 1);
        _bData = Random([6], 2);
        using Tensor x = Random([4, 6], 3);
        _x = _graph.Input<float>(x.View.Span<float>(), [4, 6], differentiable: true, "x");
        (_w, _b) = (_graph.Constant(_wData), _graph.Constant(_bData));
    }

    [TearDown]
    public void End()
    {
        _graph.Dispose();
        _wData.Dispose();
        _bData.Dispose();
        Assert.That(_backend.Memory.Outstanding, Is.Zero, "buffers leaked");
        _backend.Dispose();
    }

    [Test]
    public void An_elementwise_op_is_computed_with_the_product_it_reads_in_the_same_bits()
    {
        Value y = _x.Linear(_w, _b).Gelu();
        AssertSameAsApart(y);
        Assert.That((_backend.Mapped, _backend.Residuals), Is.EqualTo((1, 0)));
    }

    [Test]
    public void A_residual_sum_is_computed_with_the_product_on_either_side_in_the_same_bits()
    {
        Value h = _x + _x.Linear(_w, _b);
        AssertSameAsApart(h.Linear(_w) + h);
        Assert.That((_backend.Mapped, _backend.Residuals), Is.EqualTo((0, 2)));
    }

    [Test]
    public void A_fused_residual_sum_needs_no_memory_for_the_product()
    {
        Value y = _x + _x.Linear(_w, _b);
        _graph.Forward(y);
        long fused = _backend.Memory.PeakBytes;
        _backend.Memory.ResetPeak();
        _graph.DetectAnomaly = true;
        _graph.Forward(y);
        Assert.That(_backend.Memory.PeakBytes - fused, Is.EqualTo(4 * 6 * sizeof(float)));
    }

    [Test]
    public void A_product_that_others_read_too_is_stored()
    {
        Value product = _x.Linear(_w, _b);
        AssertSameAsApart((product + _x) * product);
        Assert.That(_backend.Residuals, Is.Zero);
    }

    [Test]
    public void A_product_that_is_kept_or_asked_for_is_stored()
    {
        Value product = _x.Linear(_w, _b), y = product + _x;
        _graph.Forward(y, product);
        Assert.That(product.ToArray<float>(), Has.All.Not.NaN);
        Assert.That(_backend.Residuals, Is.Zero);
    }

    [Test]
    public void A_product_computes_one_follower_and_leaves_the_second_to_itself()
    {
        Value product = _x.Linear(_w, _b);
        AssertSameAsApart(product.Gelu() + product.Silu());
        Assert.That(_backend.Mapped, Is.EqualTo(1));
    }

    [Test]
    public void A_sum_of_two_products_takes_the_first_into_the_second()
    {
        AssertSameAsApart(_x.Linear(_w, _b) + _x.Linear(_w));
        Assert.That(_backend.Residuals, Is.EqualTo(1));
    }

    [Test]
    public void A_sum_that_broadcasts_or_doubles_a_product_is_left_alone()
    {
        Value product = _x.Linear(_w, _b);
        AssertSameAsApart(product + product);
        AssertSameAsApart(_x.Linear(_w, _b) + _x.Sum([0], keepAxes: true));
        Assert.That(_backend.Residuals, Is.Zero);
    }

    /// <summary>Compares values and gradients with those of a pass that runs every op by itself,
    /// as the search for anomalies does.</summary>
    private void AssertSameAsApart(Value y)
    {
        (long[] value, long[] gradient) = Run(y);
        (int mapped, int residuals) = (_backend.Mapped, _backend.Residuals);
        _graph.DetectAnomaly = true;
        (long[] valueApart, long[] gradientApart) = Run(y);
        _graph.DetectAnomaly = false;
        Assert.That((_backend.Mapped, _backend.Residuals), Is.EqualTo((mapped, residuals)), "apart means apart");
        Assert.That(value, Is.EqualTo(valueApart));
        Assert.That(gradient, Is.EqualTo(gradientApart));
    }

    private (long[] Value, long[] Gradient) Run(Value y)
    {
        _graph.KeepGradient(_x);
        _graph.Forward(y);
        long[] value = Bits.Of(y.View);
        _graph.Seed(y);
        _graph.Backward();
        return (value, Bits.Of(_x.Gradient));
    }

    private Tensor Random(in Shape shape, ulong stream)
    {
        float[] values = new float[shape.ElementCount];
        new RandomStream(7, stream).FillNormal(values);
        return Tensor.From<float>(_backend, values, shape);
    }

    /// <summary>Notes which fused verbs are called.</summary>
    private sealed class CountingBackend : ReferenceBackend
    {
        public int Mapped { get; private set; }

        public int Residuals { get; private set; }

        public override void Gemm(in View a, in View b, in Destination c, in View bias = default, in View residual = default)
        {
            if (residual.Exists) Residuals++;
            base.Gemm(a, b, c, bias, residual);
        }

        public override void GemmMap<TOp>(in View a, in View b, in View bias, in View c, in View y)
        {
            Mapped++;
            base.GemmMap<TOp>(a, b, bias, c, y);
        }
    }
}
