extern alias simt;

using AutogradCore.Tests.Backends;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Ilgpu;
using simt::AutogradCore.Kernels.Simt;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Attention whose inner rows are copied ahead, on emulated warps of 32: the bits of rows that come through
/// registers.</summary>
[Parallelizable]
public sealed class AsyncAttentionTests
{
    /// <summary>B, T, S, H, G, D, and whether it is causal: walks of no block to four, several walks in one kernel, blocks that
    /// end with the walk and others, heads of either width that fill it and others.</summary>
    private static readonly int[][] Few =
    [
        [1, 9, 97, 1, 1, 8, 1], [1, 40, 3, 2, 1, 8, 0], [1, 70, 3, 1, 1, 8, 1], [1, 17, 64, 1, 1, 64, 0],
        [1, 17, 40, 1, 1, 128, 1], [1, 17, 9, 2, 1, 72, 0],
    ];

    /// <summary>The same with more heads and groups.</summary>
    private static readonly int[][] More = [[1, 17, 64, 2, 2, 64, 0], [1, 17, 70, 1, 1, 128, 1], [1, 33, 9, 2, 1, 72, 0]];

    private static IEnumerable<TestCaseData> Sizes =>
        [.. Few.Select(size => LadderCase.Of(true, size)), .. More.Select(size => LadderCase.Of(false, size))];

    [TestCaseSource(nameof(Sizes))]
    public void Blocks_that_are_copied_give_the_bits_of_blocks_through_registers(int[] size)
    {
        double[] copied = Run(AttentionRung.AsyncBFloat16, size, seed: 1);
        Assert.That(copied, Is.EqualTo(Run(AttentionRung.BFloat16, size, null)).And.None.NaN);
    }

    /// <summary>Keys and values that the last queries see, or queries and slopes that see the first keys.</summary>
    [TestCase(8, true, Category = BackendCases.Exhaustive)]
    [TestCase(8, false)]
    [TestCase(72, true)]
    [TestCase(72, false, Category = BackendCases.Exhaustive)]
    public void What_is_not_finite_is_felt_where_it_is_through_registers(int features, bool areKeys)
    {
        int[] size = [1, 34, 35, 1, 1, features, 1];
        double[] copied = Run(AttentionRung.AsyncBFloat16, size, null, areKeys, !areKeys);
        Assert.That(copied, Is.EqualTo(Run(AttentionRung.BFloat16, size, null, areKeys, !areKeys)));
        Assert.That(copied, Has.Some.NaN.And.Some.Not.NaN);
    }

    [Test]
    public void Rows_are_copied_where_they_are_aligned_and_the_device_lends_the_memory()
    {
        AttentionShape narrow = new() { Queries = 64, Keys = 64, Heads = 1, KeyHeads = 1, Size = 64 };
        AttentionShape wide = narrow with { Size = 128 }, odd = narrow with { Size = 20 }, few = narrow with { Queries = 15 };
        using SimtDevice large = new(new SimtOptions { WarpSize = 32 });
        using SimtDevice small = new(new SimtOptions { WarpSize = 32, OptInSharedBytes = 48 * 1024 });
        using SimtDevice plain = new();
        Assert.That(AttentionPlan.ChooseRounded(large, wide, isAligned: true), Is.EqualTo(AttentionRung.AsyncBFloat16));
        Assert.That(AttentionPlan.ChooseRounded(small, narrow, isAligned: true), Is.EqualTo(AttentionRung.AsyncBFloat16));
        Assert.That(AttentionPlan.ChooseRounded(small, wide, isAligned: true), Is.EqualTo(AttentionRung.BFloat16));
        Assert.That(AttentionPlan.ChooseRounded(large, wide, isAligned: false), Is.EqualTo(AttentionRung.BFloat16));
        Assert.That(AttentionPlan.ChooseRounded(large, few, isAligned: true), Is.Null);
        Assert.That(AttentionPlan.ChooseRounded(plain, wide, isAligned: true), Is.Null);
        Assert.That(AttentionPlan.IsInSixteens(narrow), Is.True);
        Assert.That(AttentionPlan.IsInSixteens(odd), Is.False);
    }

    /// <summary>All results in one row: y, log-sums and gradients; of narrow heads those of keys and values
    /// once more, each alone.</summary>
    /// <param name="rung">The rung.</param>
    /// <param name="n">As in <see cref="Few"/>.</param>
    /// <param name="seed">Of the order of warps.</param>
    /// <param name="badKeys">Whether some elements of the last keys and values are not finite.</param>
    /// <param name="badQueries">Whether some of the first queries and slopes are not.</param>
    private static double[] Run(AttentionRung rung, int[] n, ulong? seed, bool badKeys = false, bool badQueries = false)
    {
        (Shape queries, Shape keys, Shape sums) = ([n[0], n[1], n[3], n[5]], [n[0], n[2], n[4], n[5]], [n[0], n[3], n[1]]);
        AttentionOptions options = new(n[6] == 1);
        SimtDevice device = new(new SimtOptions { WarpSize = 32, WarpOrderSeed = seed });
        using Operands on = new(new SimtBackend(device) { ForcedAttentionRung = rung }, guard: 8);
        double[] values = Values(queries, 1), slopes = Values(queries, 4), key = Values(keys, 2), value = Values(keys, 3);
        if (badQueries)
            (values[2], values[n[5] + 1], slopes[3], slopes[4]) =
                (double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.NaN);
        if (badKeys)
            (key[^1], key[^(n[5] + 3)], value[^2], value[^5]) =
                (double.NaN, double.PositiveInfinity, double.NaN, double.NegativeInfinity);
        View q = Place(queries, values), k = Place(keys, key), v = Place(keys, value), dy = Place(queries, slopes);
        View y = Place(queries, values), lse = on.Place(sums, new double[sums.ElementCount], Layout.Dense, DTypes.Statistics);
        on.Backend.Attention(q, k, v, options, y, lse);
        View dq = Place(queries, values), dk = Place(keys, key), dv = Place(keys, key);
        on.Backend.AttentionGradient(q, k, v, y, lse, dy, options, Into(dq), AddTo(dk), Into(dv));
        double[] results = [.. new[] { y, lse, dq, dk, dv }.SelectMany(on.Read)];
        if (AttentionPlan.IsWide(new() { Size = n[5] })) return results;
        on.Backend.AttentionGradient(q, k, v, y, lse, dy, options, default, Into(dk), default);
        on.Backend.AttentionGradient(q, k, v, y, lse, dy, options, default, default, Into(dv));
        return [.. results, .. on.Read(dk), .. on.Read(dv)];

        View Place(Shape shape, double[] of) => on.Place(shape, of, Layout.Dense, DType.BFloat16);
    }

    private static double[] Values(Shape shape, ulong seed)
    {
        double[] values = new double[shape.ElementCount];
        RandomStream.Named("async attention", seed).FillNormal(values, 1);
        return [.. values.Select(x => (double)(float)(BFloat16)(float)x)];
    }
}
