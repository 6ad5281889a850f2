using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Optimizers take four elements of every operand at a time, or one: same bits.</summary>
public sealed class UpdateTests
{
    private const double Slack = 1e-5;

    [Test]
    public void Adam_gives_the_same_bits_wherever_its_operands_start(
        [Values(DType.Float32, DType.Float64)] DType dtype, [Values(3, 4, 279)] int count, [Values] bool decoupled) =>
        Starts.Agree(Slack, on =>
        {
            View w = on.Place([count], Starts.Values(count, 1), dtype);
            View gradient = on.Place([count], Starts.Values(count, 2), dtype);
            View m = on.Place([count], Starts.Values(count, 3), dtype);
            View v = on.Place([count], [.. Starts.Values(count, 4).Select(Math.Abs)], dtype);
            on.Backend.Adam(w, gradient, m, v, new(0.01, 0.9, 0.99, 1e-3, 0.1, decoupled, 0.5, 0.25, 0.5));
            foreach (View result in new[] { w, gradient, m, v }) on.Keep(result);
        });

    [Test]
    public void Sgd_gives_the_same_bits_wherever_its_operands_start(
        [Values(DType.Float32, DType.Float64)] DType dtype, [Values(3, 4, 279)] int count, [Values] bool nesterov,
        [Values] bool first) => Starts.Agree(Slack, on =>
        {
            View w = on.Place([count], Starts.Values(count, 1), dtype);
            View gradient = on.Place([count], Starts.Values(count, 2), dtype);
            View velocity = on.Place([count], Starts.Values(count, 3), dtype);
            on.Backend.Sgd(w, gradient, velocity, new(0.1, 0.9, 0.3, nesterov, 0.01, first, 0.5));
            on.Backend.Sgd(w, gradient, default, new(0.1, 0, 0, false, 0.01, first, 0.5));
            foreach (View result in new[] { w, gradient, velocity }) on.Keep(result);
        });
}
