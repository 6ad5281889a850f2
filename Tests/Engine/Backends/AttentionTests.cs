using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class AttentionTests(BackendCase on) : BackendTests(on)
{
    /// <summary>B, T, S, H, G, D: square, more keys, more queries (the first see nothing), grouped heads,
    /// lengths of 0 and 1.</summary>
    private static readonly int[][] Sizes =
    [
        [1, 1, 1, 1, 1, 1], [2, 5, 5, 2, 2, 4], [1, 33, 33, 1, 1, 32], [2, 3, 7, 4, 2, 3], [1, 7, 3, 2, 1, 4],
        [1, 31, 32, 3, 3, 8], [0, 3, 3, 2, 2, 4], [1, 0, 3, 2, 2, 4], [1, 3, 0, 2, 2, 4], [1, 2, 2, 6, 2, 1],
    ];

    [Test]
    public void Values_are_mixed_by_the_softmax_of_the_scores([Values] bool causal, [Values(null, 0.7)] double? scale) =>
        AssertValues(causal, scale, every: false);

    [Test]
    public void Gradients_follow_their_formulas_and_absent_ones_are_skipped([Values] bool causal,
        [Values(null, 0.7)] double? scale) => AssertGradients(causal, scale, every: false);

    [Test, Category(BackendCases.Exhaustive)]
    public void Values_and_gradients_follow_their_formulas_in_every_form([Values] bool causal,
        [Values(null, 0.7)] double? scale)
    {
        AssertValues(causal, scale, every: true);
        AssertGradients(causal, scale, every: true);
    }

    private void AssertValues(bool causal, double? scale, bool every)
    {
        foreach (AttentionCase at in Cases(causal, scale, every))
        {
            View q = Place(at.Queries, at.Q), k = Place(at.Keys, at.K), v = Place(at.Keys, at.V), y = Blank(at.Queries),
                lse = Statistics(at.Sums);
            B.Attention(q, k, v, at.Options, y, lse);
            Close(Read(y), at.Y, $"y {at}");
            Close(Read(lse), at.LogSums, $"lse {at}");
            double[] first = Read(y);
            B.Attention(q, k, v, at.Options, y, lse);
            SameBits(Read(y), first, "a second time");
        }
    }

    private void AssertGradients(bool causal, double? scale, bool every)
    {
        foreach (AttentionCase at in Cases(causal, scale, every))
        {
            double[] dyValues = Values(at.Queries), yValues = [.. at.Y.Select(e => Round(e.Value))],
                sums = [.. at.LogSums.Select(e => Round(e.Value))];
            View q = Place(at.Queries, at.Q), k = Place(at.Keys, at.K), v = Place(at.Keys, at.V);
            View y = Place(at.Queries, yValues), lse = Statistics(at.Sums, sums), dy = Place(at.Queries, dyValues);
            (Expected[] dq, Expected[] dk, Expected[] dv) = at.Gradients(yValues, sums, dyValues);
            Check(at.Queries, dq, d => B.AttentionGradient(q, k, v, y, lse, dy, at.Options, d, default, default), $"dq {at}");
            Check(at.Keys, dk, d => B.AttentionGradient(q, k, v, y, lse, dy, at.Options, default, d, default), $"dk {at}");
            Check(at.Keys, dv, d => B.AttentionGradient(q, k, v, y, lse, dy, at.Options, default, default, d), $"dv {at}");
            View q2 = Blank(at.Queries), k2 = Blank(at.Keys);
            Check(at.Keys, dv, d => B.AttentionGradient(q, k, v, y, lse, dy, at.Options, Into(q2), Into(k2), d), $"all {at}");
            Close(Read(q2), dq, $"dq beside the others {at}");
            Close(Read(k2), dk, $"dk beside the others {at}");
        }
    }

    [Test]
    public void A_query_that_sees_no_key_gives_zeros_and_minus_infinity_and_no_gradient()
    {
        (Shape queries, Shape keys) = ([1, 3, 1, 2], [1, 1, 1, 2]);
        View q = Place(queries, Values(queries)), k = Place(keys, Values(keys)), v = Place(keys, Values(keys)),
            y = Blank(queries), lse = Statistics([1, 1, 3]);
        B.Attention(q, k, v, new AttentionOptions(Causal: true), y, lse);
        Assert.That(Read(y)[..4], Is.All.Zero);
        Assert.That(Read(lse)[..2], Is.All.EqualTo(double.NegativeInfinity));
        View dy = Place(queries, Values(queries)), dq = Blank(queries), dk = Blank(keys), dv = Blank(keys);
        B.AttentionGradient(q, k, v, y, lse, dy, new AttentionOptions(Causal: true), Into(dq), Into(dk), Into(dv));
        Assert.That(Read(dq)[..4], Is.All.Zero);
        Close(Read(dv), [.. Read(dy)[4..].Select(g => new Expected(g, 64 * Math.Abs(g)))],
            "the last query sees the only key with weight 1");
    }

    [TestCase(double.NaN, double.PositiveInfinity)]
    [TestCase(100, -1000)]
    public void What_the_mask_hides_cannot_be_felt_not_even_NaN(double key, double value)
    {
        Shape shape = [1, 4, 1, 3];
        double[] k = Values(shape), v = Values(shape), hiddenK = [.. k], hiddenV = [.. v];
        for (int i = 9; i < 12; i++) (hiddenK[i], hiddenV[i]) = (key, value);
        View q = Place(shape, Values(shape)), clean = Blank(shape), dirty = Blank(shape), lse = Statistics([1, 1, 4]);
        B.Attention(q, Place(shape, k), Place(shape, v), new AttentionOptions(), clean, lse);
        B.Attention(q, Place(shape, hiddenK), Place(shape, hiddenV), new AttentionOptions(), dirty, lse);
        if (double.IsFinite(key))
        {
            SameBits(Read(dirty)[..9], Read(clean)[..9]);
            return;
        }
        // A backend may leave its fast kernel when it sees a NaN, and round differently there.
        Close(
            Read(dirty)[..9], [.. Read(clean)[..9].Select(y => new Expected(y, 64 * Math.Abs(y)))], "rows that see finite keys");
        Assert.That(Read(dirty)[9..], Is.All.NaN);
    }

    [Test]
    public void A_gradient_does_not_feel_what_the_mask_hides_not_even_NaN([Values] bool adds)
    {
        Shape shape = [1, 4, 1, 3];
        double[] q = Values(shape), k = Values(shape), v = Values(shape), dy = Values(shape);
        (double[] Dq, double[] Dk, double[] Dv) clean = Gradients(q, k, v, dy);
        for (int i = 9; i < 12; i++) (k[i], v[i]) = (double.NaN, double.PositiveInfinity);
        double[] dq = Gradients(q, k, v, dy).Dq;
        AssertNear(dq[..9], clean.Dq[..9], "queries that see finite keys");
        Assert.That(dq[9..], Is.All.NaN);
        (k, v) = (Values(shape), Values(shape));
        clean = Gradients(q, k, v, dy);
        for (int i = 0; i < 3; i++) dy[i] = double.NaN;
        (_, double[] dk, double[] dv) = Gradients(q, k, v, dy);
        AssertNear(dk[3..], clean.Dk[3..], "keys that the first query does not see");
        AssertNear(dv[3..], clean.Dv[3..], "their values");
        Assert.That(dv[..3], Is.All.NaN);

        (double[] Dq, double[] Dk, double[] Dv) Gradients(double[] q, double[] k, double[] v, double[] dy)
        {
            View vq = Place(shape, q), vk = Place(shape, k), vv = Place(shape, v), y = Blank(shape), lse = Statistics([1, 1, 4]);
            B.Attention(vq, vk, vv, new AttentionOptions(), y, lse);
            View dq = Target(), dk = Target(), dv = Target();
            B.AttentionGradient(vq, vk, vv, y, lse, Place(shape, dy), new AttentionOptions(), To(dq), To(dk), To(dv));
            return (Read(dq), Read(dk), Read(dv));
        }

        View Target() => adds ? Place(shape, new double[12]) : Blank(shape);

        Destination To(View view) => adds ? AddTo(view) : Into(view);

        // A backend may leave its fast kernel when it sees a NaN, and round differently there.
        void AssertNear(double[] actual, double[] expected, string what) =>
            Close(actual, [.. expected.Select(x => new Expected(x, 64 * (Math.Abs(x) + 1)))], what);
    }

    /// <summary>Every size; where lanes are emulated every second one, so that over all four forms each size meets both masks,
    /// both scales, and both masks meet both scales.</summary>
    private IEnumerable<AttentionCase> Cases(bool causal, double? scale, bool every)
    {
        for (int i = 0; i < Sizes.Length; i++)
        {
            int[] n = Sizes[i];
            if (!every && IsEmulated && (i % 2 == 0) ^ causal ^ scale is null) continue;
            (Shape queries, Shape keys) = ([n[0], n[1], n[3], n[5]], [n[0], n[2], n[4], n[5]]);
            yield return new AttentionCase(queries, keys, Values(queries), Values(keys), Values(keys),
                new AttentionOptions(causal, scale));
        }
    }
}
