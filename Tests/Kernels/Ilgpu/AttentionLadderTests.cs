using AutogradCore.Kernels;
using AutogradCore.Kernels.Ilgpu;
using AutogradCore.Tests.Backends;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Every rung of attention on awkward shapes, against its definition.</summary>
[TestFixture(DType.Float32)]
[TestFixture(DType.Float64)]
public sealed class AttentionLadderTests(DType dtype)
{
    /// <summary>T, S, H, G, D.</summary>
    private static readonly int[][] Sizes =
    [
        [1, 1, 1, 1, 1], [5, 17, 2, 1, 3], [17, 5, 4, 2, 8], [33, 33, 1, 1, 33], [17, 33, 1, 1, 64], [33, 17, 2, 1, 3],
    ];

    private double U => dtype == DType.Float32 ? Math.ScaleB(1, -24) : Math.ScaleB(1, -53);

    [Test]
    public void A_rung_keeps_the_bound_and_its_bits(
        [Values] bool tiled, [ValueSource(nameof(Sizes))] int[] n, [Values] bool causal)
    {
        AttentionRung rung = tiled ? AttentionRung.Tiled : AttentionRung.PerQuery;
        AttentionCase at = Case(n, causal);
        (double[] y, double[] lse) = Run(at, rung);
        Within(y, at.Y, "y");
        Within(lse, at.LogSums, "lse");
        (double[] y2, double[] lse2) = Run(at, rung);
        Assert.That(y2, Is.EqualTo(y), "y again");
        Assert.That(lse2, Is.EqualTo(lse), "lse again");
    }

    private AttentionCase Case(int[] n, bool causal)
    {
        (Shape q, Shape k) = ([2, n[0], n[2], n[4]], [2, n[1], n[3], n[4]]);
        return new(q, k, Values(q, 0), Values(k, 1), Values(k, 2), new AttentionOptions(causal));
    }

    private double[] Values(Shape shape, ulong stream)
    {
        double[] values = new double[shape.ElementCount];
        RandomStream.Named("attention ladder", 31, stream).FillNormal(values, 1);
        return [.. values.Select(v => dtype == DType.Float32 ? (float)v : v)];
    }

    private (double[] Y, double[] Lse) Run(AttentionCase at, AttentionRung rung)
    {
        using Operands operands = new(new IlgpuBackend(KernelDevices.Available[^1]) { AttentionRung = rung });
        View q = operands.Place(at.Queries, at.Q, Layout.Dense, dtype), k = operands.Place(at.Keys, at.K, Layout.Dense, dtype),
            v = operands.Place(at.Keys, at.V, Layout.Dense, dtype),
            y = operands.Place(at.Queries, [.. at.Q.Select(_ => double.NaN)], Layout.Dense, dtype),
            lse = operands.Place(at.Sums, [.. Enumerable.Repeat(double.NaN, at.Sums.ElementCount)], Layout.Dense, dtype);
        operands.Backend.Attention(q, k, v, at.Options, y, lse);
        return (operands.Read(y), operands.Read(lse));
    }

    private void Within(double[] actual, Expected[] expected, string what)
    {
        for (int i = 0; i < actual.Length; i++)
            if (!actual[i].Equals(expected[i].Value))
                Assert.That(Math.Abs(actual[i] - expected[i].Value), Is.LessThanOrEqualTo(expected[i].Slack * U + 1e-42),
                    $"{what}[{i}] = {actual[i]:R}, expected {expected[i].Value:R}");
    }
}
