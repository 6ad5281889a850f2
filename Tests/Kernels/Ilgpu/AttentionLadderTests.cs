using AutogradCore.Kernels;
using AutogradCore.Kernels.Ilgpu;
using AutogradCore.Kernels.Simt;
using AutogradCore.Tests.Backends;
using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>The rungs of attention by tiles, forced, on emulated warps of 32: awkward sizes against the definition, masks, shared
/// heads, aligned rows and others.</summary>
public sealed class AttentionLadderTests
{
    /// <summary>B, T, S, H, G, D: one row, one block and its neighbours, several batches, shared heads, heads of either width; in the
    /// causal case some queries of T > S see nothing.</summary>
    private static readonly int[][] Sizes =
    [
        [1, 1, 1, 1, 1, 1], [2, 17, 17, 2, 1, 8], [1, 65, 64, 1, 1, 20], [1, 63, 65, 1, 1, 7], [1, 16, 17, 1, 1, 64],
        [1, 17, 3, 2, 1, 128],
    ];

    [Test]
    public void A_rung_keeps_the_bounds_of_its_rounding([ValueSource(nameof(Sizes))] int[] size, [Values] bool causal)
    {
        using Operands on = Open(AttentionRung.Tiled, size[1] % 2 == 1);
        AttentionCase at = Case(size, causal);
        View q = Place(on, at.Queries, at.Q), k = Place(on, at.Keys, at.K), v = Place(on, at.Keys, at.V);
        View y = Blank(on, at.Queries), lse = Blank(on, at.Sums);
        on.Backend.Attention(q, k, v, at.Options, y, lse);
        (double[] values, double[] sums) = (on.Read(y), on.Read(lse));
        Check(values, at.Y, "y");
        Check(sums, at.LogSums, "lse");

        double[] slope = Values(at.Queries, 4), old = Values(at.Keys, 5);
        (Expected[] dq, Expected[] dk, Expected[] dv) = at.Gradients(values, sums, slope);
        View dy = Place(on, at.Queries, slope), toQ = Blank(on, at.Queries), toK = Place(on, at.Keys, old);
        View toV = Blank(on, at.Keys);
        on.Backend.AttentionGradient(q, k, v, y, lse, dy, at.Options, Into(toQ), AddTo(toK), Into(toV));
        Check(on.Read(toQ), dq, "dq");
        Check(on.Read(toK), [.. dk.Zip(old, (e, x) => e.On(x))], "dk");
        Check(on.Read(toV), dv, "dv");
    }

    private static Operands Open(AttentionRung rung, bool isAligned, ulong? warpOrderSeed = null) => new(
        new IlgpuBackend(new SimtDevice(new SimtOptions { WarpSize = 32, WarpOrderSeed = warpOrderSeed }))
        { ForcedAttentionRung = rung }, isAligned ? 4 : 3);

    private static AttentionCase Case(int[] n, bool causal)
    {
        (Shape queries, Shape keys) = ([n[0], n[1], n[3], n[5]], [n[0], n[2], n[4], n[5]]);
        return new(queries, keys, Values(queries, 1), Values(keys, 2), Values(keys, 3), new AttentionOptions(causal));
    }

    private static double[] Values(Shape shape, ulong seed)
    {
        double[] values = new double[shape.ElementCount];
        RandomStream.Named("attention ladder", seed).FillNormal(values, 1);
        return [.. values.Select(x => (double)(float)x)];
    }

    private static View Place(Operands on, Shape shape, double[] values) => on.Place(shape, values, Layout.Dense, DType.Float32);

    private static View Blank(Operands on, Shape shape) =>
        Place(on, shape, [.. Enumerable.Repeat(double.NaN, shape.ElementCount)]);

    private static void Check(double[] actual, Expected[] expected, string what)
    {
        for (int i = 0; i < actual.Length; i++)
            if (!actual[i].Equals(expected[i].Value))
                Assert.That(Math.Abs(actual[i] - expected[i].Value),
                    Is.LessThanOrEqualTo(expected[i].Slack * Math.ScaleB(1, -24)), $"{what}[{i}] for {expected[i].Value:R}");
    }
}
