extern alias simt;

using AutogradCore.Kernels;
using AutogradCore.Tests.Backends;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Ilgpu;
using simt::AutogradCore.Kernels.Simt;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>The rungs of attention by tiles, forced, on emulated warps of 32: awkward sizes against the definition, masks, shared
/// heads, aligned rows and others.</summary>
[Parallelizable]
public sealed class AttentionLadderTests
{
    /// <summary>B, T, S, H, G, D, and whether it is causal: one row, one block and its neighbours, several batches, shared heads,
    /// heads of either width, largest scores in a later block; where T > S the first causal queries see nothing.</summary>
    internal static readonly int[][] Sizes =
    [
        [1, 1, 1, 1, 1, 1, 1], [2, 3, 17, 2, 1, 8, 1], [2, 3, 5, 2, 1, 8, 0], [1, 65, 64, 1, 1, 64, 1], [1, 63, 65, 1, 1, 7, 0],
        [1, 16, 31, 1, 1, 20, 1], [1, 33, 64, 1, 1, 128, 1], [1, 9, 97, 1, 1, 68, 0],
    ];

    /// <summary>Which of them the rungs of tensor cores take: each format wide and narrow, each with a walk over several blocks,
    /// and in one of the two several batches and shared heads. The others are exhaustive.</summary>
    private static readonly int[] InTensorFloat32 = [0, 4, 5, 6], InBFloat16 = [0, 2, 3, 7];

    private static readonly string[] Rungs =
        [nameof(AttentionRung.Tiled), nameof(AttentionRung.TensorFloat32), nameof(AttentionRung.BFloat16)];

    /// <summary>The same, and those of operands that are bf16 in memory.</summary>
    private static readonly string[] AllRungs = [.. Rungs, nameof(AttentionRung.AsyncBFloat16)];

    private static IEnumerable<TestCaseData> Bounds =>
        from rung in Rungs
        from i in Enumerable.Range(0, Sizes.Length)
        let isDefault = rung == nameof(AttentionRung.TensorFloat32) ? InTensorFloat32.Contains(i)
            : rung != nameof(AttentionRung.BFloat16) || InBFloat16.Contains(i)
        select LadderCase.Of(isDefault, rung, Sizes[i]);

    /// <summary>Operands that a format holds exactly are not rounded, which leaves the weights: 2^-8 of each in bf16, 2^-11 in
    /// TF32.</summary>
    [TestCaseSource(nameof(Bounds))]
    public void A_rung_keeps_the_bounds_of_its_rounding(string rung, int[] size)
    {
        using Operands on = Open(rung, size[1] % 2 == 1);
        AttentionCase at = Case(rung, size);
        View q = Place(on, at.Queries, at.Q), k = Place(on, at.Keys, at.K), v = Place(on, at.Keys, at.V);
        View y = Blank(on, at.Queries), lse = LogSums(on, at);
        on.Backend.Attention(q, k, v, at.Options, y, lse);
        (double[] values, double[] sums) = (on.Read(y), on.Read(lse));
        Check(values, at.Y, "y");
        Check(sums, at.LogSums, "lse");

        double[] slope = Values(rung, at.Queries, 4), old = Values(rung, at.Keys, 5);
        (Expected[] dq, Expected[] dk, Expected[] dv) = at.Gradients(values, sums, slope);
        View dy = Place(on, at.Queries, slope), toQ = Blank(on, at.Queries), toK = Place(on, at.Keys, old);
        View toV = Blank(on, at.Keys);
        on.Backend.AttentionGradient(q, k, v, y, lse, dy, at.Options, Into(toQ), AddTo(toK), Into(toV));
        Check(on.Read(toQ), dq, "dq");
        Check(on.Read(toK), [.. dk.Zip(old, (e, x) => e.On(x))], "dk");
        Check(on.Read(toV), dv, "dv");
    }

    [Test]
    public void Runs_and_orders_of_warps_and_a_gradient_alone_give_the_same_bits([ValueSource(nameof(AllRungs))] string rung)
    {
        AttentionCase at = Case(rung, [1, 35, 35, 1, 1, 8, 1]);
        double[]? expected = null;
        foreach (ulong? seed in new ulong?[] { null, 1 })
        {
            using Operands on = Open(rung, true, seed);
            View q = Place(on, rung, at.Queries, at.Q), k = Place(on, rung, at.Keys, at.K), v = Place(on, rung, at.Keys, at.V);
            View y = Blank(on, rung, at.Queries), lse = LogSums(on, at), dq = Blank(on, rung, at.Queries);
            View dk = Blank(on, rung, at.Keys), dv = Blank(on, rung, at.Keys);
            on.Backend.Attention(q, k, v, at.Options, y, lse);
            on.Backend.AttentionGradient(q, k, v, y, lse, q, at.Options, Into(dq), Into(dk), Into(dv));
            View dk2 = Blank(on, rung, at.Keys), dv2 = Blank(on, rung, at.Keys);
            on.Backend.AttentionGradient(q, k, v, y, lse, q, at.Options, default, Into(dk2), default);
            on.Backend.AttentionGradient(q, k, v, y, lse, q, at.Options, default, default, Into(dv2));
            Assert.That(on.Read(dk2), Is.EqualTo(on.Read(dk)), "alone");
            Assert.That(on.Read(dv2), Is.EqualTo(on.Read(dv)), "alone");
            double[] all = [.. on.Read(y), .. on.Read(lse), .. on.Read(dq), .. on.Read(dk), .. on.Read(dv)];
            Assert.That(all, Is.EqualTo(expected ??= all), $"seed {seed}");
        }
    }

    [Test]
    public void What_the_mask_hides_is_felt_neither_in_results_nor_in_gradients([ValueSource(nameof(AllRungs))] string rung)
    {
        AttentionCase at = Case(rung, [1, 5, 5, 1, 1, 8, 1]);
        double[] slope = Values(rung, at.Queries, 4), badQ = [.. at.Q], badSlope = [.. slope];
        double[] badK = [.. at.K], badV = [.. at.V];
        badK.AsSpan(24).Fill(double.NaN); // keys 3 and 4
        badV.AsSpan(24).Fill(double.PositiveInfinity);
        badQ.AsSpan(0, 16).Fill(double.NegativeInfinity); // queries 0 and 1
        badSlope.AsSpan(0, 16).Fill(double.NaN);
        using Operands on = Open(rung, true);
        (double[] y, double[] dq, double[] dk, double[] dv) = Run(at.Q, at.K, at.V, slope);
        foreach ((double[] keys, double[] values) in new[] { (badK, at.V), (at.K, badV) })
        {
            (double[] badY, double[] badDq, _, _) = Run(at.Q, keys, values, slope, ofKeys: false);
            Assert.That(badY[..24], Is.EqualTo(y[..24]), "queries that see finite keys and values");
            Assert.That(badY[24..].Any(double.IsFinite), Is.False, "the others");
            Assert.That(badDq[..24], Is.EqualTo(dq[..24]), "their gradients");
        }
        foreach ((double[] queries, double[] slopes) in new[] { (badQ, slope), (at.Q, badSlope) })
        {
            (_, _, double[] badDk, double[] badDv) = Run(queries, at.K, at.V, slopes, ofQueries: false);
            Assert.That(badDk[16..], Is.EqualTo(dk[16..]), "gradients of keys that finite queries see");
            Assert.That(badDv[16..], Is.EqualTo(dv[16..]), "gradients of their values");
            Assert.That(badDk[..16].Concat(badDv[..16]).Any(double.IsFinite), Is.False, "those of the others");
        }

        (double[] Y, double[] Dq, double[] Dk, double[] Dv) Run(
            double[] qs, double[] ks, double[] vs, double[] slopes, bool ofQueries = true, bool ofKeys = true)
        {
            View q = Place(on, rung, at.Queries, qs), k = Place(on, rung, at.Keys, ks), v = Place(on, rung, at.Keys, vs);
            View dy = Place(on, rung, at.Queries, slopes), to = Blank(on, rung, at.Queries), lse = LogSums(on, at);
            View toQ = Blank(on, rung, at.Queries), toK = Blank(on, rung, at.Keys), toV = Blank(on, rung, at.Keys);
            on.Backend.Attention(q, k, v, at.Options, to, lse);
            on.Backend.AttentionGradient(q, k, v, to, lse, dy, at.Options,
                ofQueries ? Into(toQ) : default, ofKeys ? Into(toK) : default, ofKeys ? Into(toV) : default);
            return (on.Read(to), on.Read(toQ), on.Read(toK), on.Read(toV));
        }
    }

    /// <summary>Scores 4,194,304 + j, which floats hold, are weighed as the scores j; and a scale of no or negative sign as any
    /// other.</summary>
    [Test]
    public void Large_scores_are_weighed_by_their_differences(
        [ValueSource(nameof(AllRungs))] string rung, [Values(1, -1, 0)] int scale)
    {
        const int count = 9, size = 8;
        Shape queries = [1, 1, 1, size], keys = [1, count, 1, size];
        double[] Rows(int rows, Func<int, int, double> at) =>
            [.. Enumerable.Range(0, rows * size).Select(i => at(i / size, i % size))];
        using Operands on = Open(rung, true);
        View q = Place(on, rung, queries, Rows(1, (_, d) => d == 0 ? 2048 : d == 1 ? 1 : 0));
        View k = Place(on, rung, keys, Rows(count, (j, d) => d == 0 ? 2048 : d == 1 ? j : 0));
        View v = Place(on, rung, keys, Rows(count, (j, d) => j == d ? 1 : 0)), y = Blank(on, rung, queries);
        View dy = Place(on, rung, queries, Rows(1, (_, d) => d == 0 ? 1 : 0)), dv = Blank(on, rung, keys);
        View lse = on.Place([1, 1, 1], [0], Layout.Dense, DTypes.Statistics);
        AttentionOptions options = new(Causal: false, Scale: scale);
        on.Backend.Attention(q, k, v, options, y, lse);
        on.Backend.AttentionGradient(q, k, v, y, lse, dy, options, default, default, Into(dv));
        double[] weights = [.. Enumerable.Range(0, count).Select(j => Math.Exp(scale * j))];
        double sum = weights.Sum(), unit = Math.ScaleB(1, 2 - Bits(rung)) + 1e-5;
        double[] gradients = on.Read(dv);
        for (int j = 0; j < count; j++)
        {
            if (j < size) Assert.That(on.Read(y)[j], Is.EqualTo(weights[j] / sum).Within(unit * weights[j] / sum), $"y {j}");
            Assert.That(gradients[j * size], Is.EqualTo(weights[j] / sum).Within(unit * weights[j] / sum), $"dv {j}");
        }
        Assert.That(on.Read(lse)[0], Is.EqualTo(scale * 4_194_304.0 + Math.Log(sum)).Within(1e-6), "lse");
    }

    [TestCase(MatmulPrecision.Float32, nameof(AttentionRung.Tiled))]
    [TestCase(MatmulPrecision.TensorFloat32, nameof(AttentionRung.TensorFloat32))]
    [TestCase(MatmulPrecision.BFloat16, nameof(AttentionRung.BFloat16))]
    public void Floats_go_to_tensor_cores_only_where_that_was_asked_for(MatmulPrecision precision, string rung)
    {
        using SimtDevice device = new(new SimtOptions { WarpSize = 32 });
        AttentionShape shape = new() { Queries = 64, Keys = 64, Heads = 1, KeyHeads = 1, Size = 64 };
        Assert.That(AttentionPlan.Choose(device, precision, DType.Float32, shape).ToString(), Is.EqualTo(rung));
    }

    [TestCase(129, DType.Float32)]
    [TestCase(8, DType.Float64)]
    public void What_a_fast_rung_cannot_take_goes_by_queries(int size, DType dtype)
    {
        using SimtDevice device = new(new SimtOptions { WarpSize = 32 });
        AttentionShape shape = new() { Queries = 64, Keys = 64, Heads = 1, KeyHeads = 1, Size = size };
        Assert.That(AttentionPlan.Choose(device, MatmulPrecision.BFloat16, dtype, shape), Is.EqualTo(AttentionRung.PerQuery));
    }

    private static Operands Open(string rung, bool isAligned, ulong? warpOrderSeed = null) => new(
        new SimtBackend(new SimtDevice(new SimtOptions { WarpSize = 32, WarpOrderSeed = warpOrderSeed }))
        { ForcedAttentionRung = Enum.Parse<AttentionRung>(rung) }, isAligned ? 8 : 3);

    private static AttentionCase Case(string rung, int[] n)
    {
        (Shape queries, Shape keys) = ([n[0], n[1], n[3], n[5]], [n[0], n[2], n[4], n[5]]);
        return new(queries, keys, Values(rung, queries, 1), Values(rung, keys, 2), Values(rung, keys, 3),
            new AttentionOptions(n[6] == 1))
        { WeightRounding = Bits(rung) is var bits and < 24 ? Math.ScaleB(1, 24 - bits) : 0 };
    }

    /// <summary>Significant bits of factors.</summary>
    private static int Bits(string rung) => Enum.Parse<AttentionRung>(rung) switch
    {
        AttentionRung.BFloat16 or AttentionRung.AsyncBFloat16 => 8,
        AttentionRung.TensorFloat32 => 11,
        _ => 24,
    };

    /// <summary>Normals that the rung takes without rounding.</summary>
    private static double[] Values(string rung, Shape shape, ulong seed)
    {
        double[] values = new double[shape.ElementCount];
        RandomStream.Named("attention ladder", seed).FillNormal(values, 1);
        int places = Bits(rung) - 3; // all are below 8
        return [.. values.Select(x => Math.ScaleB(Math.Round(Math.ScaleB(x, places)), -places))];
    }

    private static View Place(Operands on, Shape shape, double[] values) => Place(on, null, shape, values);

    private static View LogSums(Operands on, AttentionCase at) => on.Place(
        at.Sums, [.. Enumerable.Repeat(double.NaN, at.Sums.ElementCount)], Layout.Dense, DTypes.Statistics);

    private static View Blank(Operands on, Shape shape) => Blank(on, null, shape);

    /// <summary>An operand as a rung takes it.</summary>
    private static View Place(Operands on, string? rung, Shape shape, double[] values) => on.Place(
        shape, values, Layout.Dense, rung == nameof(AttentionRung.AsyncBFloat16) ? DType.BFloat16 : DType.Float32);

    private static View Blank(Operands on, string? rung, Shape shape) =>
        Place(on, rung, shape, [.. Enumerable.Repeat(double.NaN, shape.ElementCount)]);

    private static void Check(double[] actual, Expected[] expected, string what)
    {
        for (int i = 0; i < actual.Length; i++)
            if (!actual[i].Equals(expected[i].Value))
                Assert.That(Math.Abs(actual[i] - expected[i].Value),
                    Is.LessThanOrEqualTo(expected[i].Slack * Math.ScaleB(1, -24)), $"{what}[{i}] for {expected[i].Value:R}");
    }
}
