using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

/// <summary>What a row is measured by is not rounded before it is used, and does not leave the range of floats where the result
/// does not: every verb beside the reference in double, on rows far from zero, huge and tiny.</summary>
[Parallelizable]
[TestFixtureSource(typeof(BackendCases), nameof(BackendCases.Floats))]
public sealed class RowStatisticsTests(BackendCase on)
{
    private const int Length = 35;

    private static readonly SortedDictionary<string, Func<int, double>> Rows = new(StringComparer.Ordinal)
    {
        ["far from zero"] = i => 1e7 + i % 7,
        ["far, in small steps"] = i => 33333.332 + (i % 3 == 0 ? 1.0 / 256 : 0),
        ["about 1e19"] = i => 1e19 * Math.Cos(i),
        ["near the largest float"] = i => 3.4e38 * Math.Sin(1.3 * i),
        ["about 1e-30"] = i => 1e-30 * Math.Cos(i),
        ["ordinary"] = i => Math.Cos(i),
    };

    private static IEnumerable<string> Names => Rows.Keys;

    [Test]
    public void A_level_row_is_normalised_to_zeros()
    {
        foreach (DType dtype in Stored())
            Assert.That(Norm(Own(), dtype, [.. Enumerable.Repeat(33333.332, 768)], 1e-5, isRms: false)[0],
                Is.All.EqualTo(0).Within(1e-6));
    }

    [Test]
    public void A_small_difference_far_from_zero_is_normalised_as_any_other() => Assert.That(
        Norm(Own(), on.DType, [1 << 24, (1 << 24) + 2], 0, isRms: false)[0], Is.EqualTo(new double[] { -1, 1 }).Within(1e-6));

    [Test]
    public void Norms_and_their_gradients_are_the_references(
        [ValueSource(nameof(Names))] string row, [Values(0, 1e-5)] double epsilon, [Values] bool isRms) =>
        Compare(row, (own, dtype, x) => Norm(own, dtype, x, epsilon, isRms));

    [Test]
    public void Softmax_its_logarithm_and_their_gradients_are_the_references([ValueSource(nameof(Names))] string row) =>
        Compare(row, (own, dtype, x) =>
        {
            using Operands o = own;
            Shape shape = [1, x.Length];
            View from = o.Place(shape, x, Layout.Dense, dtype), y = Blank(o, shape, dtype), log = Blank(o, shape, dtype);
            View dy = o.Place(shape, Slopes(x.Length), Layout.Dense, dtype), dx = Blank(o, shape, dtype);
            o.Backend.Softmax(from, Into(y));
            o.Backend.LogSoftmax(from, Into(log));
            o.Backend.SoftmaxGradient(y, dy, Into(dx));
            return [o.Read(y), o.Read(log), o.Read(dx)];
        });

    [Test]
    public void Cross_entropy_and_its_gradient_are_the_references(
        [ValueSource(nameof(Names))] string row, [Values(0, 0.1)] double smoothing) => Compare(row, (own, dtype, x) =>
    {
        using Operands o = own;
        Shape shape = [2, x.Length];
        CrossEntropyOptions options = new(LabelSmoothing: smoothing);
        View logits = o.Place(shape, [.. x, .. x.Reverse()], Layout.Dense, dtype), dx = Blank(o, shape, dtype);
        View targets = o.Place([2], [3, 1], Layout.Dense, DType.Int32), loss = Blank(o, [], dtype.Sums());
        View lse = Blank(o, [2], DTypes.Statistics), dloss = o.Place([], [1], Layout.Dense, dtype.Sums());
        o.Backend.CrossEntropy(logits, targets, options, loss, lse);
        o.Backend.CrossEntropyGradient(logits, targets, lse, dloss, options, Into(dx));
        return [o.Read(loss), o.Read(dx)];
    });

    /// <summary>Scores 10,000,000 + j are floats, so attention is that of the scores j.</summary>
    [Test]
    public void Attention_with_large_scores_is_that_of_their_differences()
    {
        using Operands o = Own();
        const int keys = 9;
        double[] q = [1000, 1, 1000, 0.5], k = [.. Enumerable.Range(0, keys).SelectMany(j => new[] { 10000.0, j })];
        double[] v = [.. Enumerable.Range(0, 2 * keys).Select(i => Math.Cos(i))];
        double[] weights = [.. Enumerable.Range(0, keys).Select(j => Math.Exp(j))];
        double sum = weights.Sum();
        View vq = o.Place([1, 2, 1, 2], q, Layout.Dense, on.DType), vk = o.Place([1, keys, 1, 2], k, Layout.Dense, on.DType);
        View vv = o.Place([1, keys, 1, 2], v, Layout.Dense, on.DType), y = Blank(o, [1, 2, 1, 2], on.DType);
        View lse = Blank(o, [1, 1, 2], DTypes.Statistics), dv = Blank(o, [1, keys, 1, 2], on.DType);
        View dy = o.Place([1, 2, 1, 2], [1, 1, 0, 0], Layout.Dense, on.DType);
        AttentionOptions options = new(Causal: false, Scale: 1);
        o.Backend.Attention(vq, vk, vv, options, y, lse);
        o.Backend.AttentionGradient(vq, vk, vv, y, lse, dy, options, default, default, Into(dv));
        Assert.That(o.Read(y)[0], Is.EqualTo(weights.Select((w, j) => w / sum * (float)v[2 * j]).Sum()).Within(1e-5));
        Assert.That(o.Read(dv), Is.EqualTo(weights.SelectMany(w => new[] { w / sum, w / sum })).Within(1e-5));
    }

    [Test]
    public void A_long_sum_loses_no_small_terms_beside_a_large_one()
    {
        const int count = 3000;
        double[] x = [1 << 24, .. Enumerable.Repeat(1.0, count - 1)];
        double expected = (1 << 24) + count - 1;
        using Operands o = Own();
        View all = o.Place([count], x, Layout.Dense, on.DType);
        Is(all, [1]);
        Is(all.Reshape([1, count]), [1, 1]);
        Is(all.Reshape([count, 1]), [1]);
        Is(o.Place([2, count], [.. x, .. x], Layout.Dense, on.DType), [2, 1]);
        Is(o.Place([count, 3], [.. x.SelectMany(v => new[] { v, v, v })], Layout.Dense, on.DType), [3]);
        View a = o.Place([count, 2], [.. x.SelectMany(v => new[] { v, v })], Layout.Dense, on.DType);
        View c = Blank(o, [2, 1], on.DType), sums = Blank(o, [2], on.DType);
        o.Backend.GemmSum([new(a.T, all.Reshape([count, 1]))], Into(c), Into(sums));
        Assert.That(o.Read(sums), NUnit.Framework.Is.All.EqualTo(expected).Within(1), "row sums of a product");

        void Is(View of, Shape shape)
        {
            View y = Blank(o, shape, on.DType);
            o.Backend.Sum(of, Into(y));
            Assert.That(o.Read(y), NUnit.Framework.Is.All.EqualTo(expected).Within(1), $"{of} to {shape}");
        }
    }

    [Test]
    public void The_norm_of_a_tensor_reaches_as_far_as_its_elements([ValueSource(nameof(Names))] string row)
    {
        foreach (DType dtype in Stored())
        {
            using Operands o = Own();
            View x = o.Place([Length], Elements(row), Layout.Dense, dtype);
            double expected = o.Read(x).Sum(v => v * v);
            Assert.That(o.Backend.SquaredNorm(x), Is.EqualTo(expected).Within(1e-12 * expected));
        }
    }

    [TestCase(1e25)]
    [TestCase(-1e-25)]
    [TestCase(3e38)]
    [TestCase(1e-38)]
    public void Adam_takes_a_step_of_the_learning_rate_whatever_the_size_of_the_gradient(double gradient)
    {
        using Operands o = Own();
        View Place(double value) => o.Place([Length], [.. Enumerable.Repeat(value, Length)], Layout.Dense, on.DType);
        View w = Place(1), g = Place(gradient), m = Place(0), v = Place(0);
        o.Backend.Adam(w, g, m, v, new(0.125, 0.9, 0.999, 0, 0, true, 1 - 0.9, 1 - 0.999, 1));
        Assert.That(o.Read(w), Is.All.EqualTo(1 - 0.125 * Math.Sign(gradient)).Within(1e-6));
        Assert.That(o.Read(v), Is.All.LessThan(double.PositiveInfinity), "infinity would hold the weight for ever");
    }

    [Test]
    public void A_gradient_near_the_largest_float_is_scaled_down_without_loss()
    {
        using Operands o = Own();
        View Place(double value) => o.Place([Length], [.. Enumerable.Repeat(value, Length)], Layout.Dense, on.DType);
        View w = Place(1), y = Place(0);
        o.Backend.Sgd(w, Place(1e38), default, new(0.5, 0, 0, false, 0, true, 1e-41));
        Assert.That(o.Read(w), Is.All.EqualTo(1 - 0.5e-3).Within(1e-6));
        o.Backend.Affine(Place(1e38), 1e-41, 0, Into(y));
        Assert.That(o.Read(y), Is.All.EqualTo(1e-3).Within(1e-9));
    }

    private static double[][] Norm(Operands own, DType dtype, double[] x, double epsilon, bool isRms)
    {
        using Operands o = own;
        Shape shape = [1, x.Length], row = [x.Length];
        View from = o.Place(shape, x, Layout.Dense, dtype), y = Blank(o, shape, dtype), dx = Blank(o, shape, dtype);
        View dy = o.Place(shape, Slopes(x.Length), Layout.Dense, dtype);
        View dgamma = Blank(o, row, dtype.Sums()), dbeta = Blank(o, row, dtype.Sums());
        View mean = Blank(o, [1], DTypes.Statistics), factor = Blank(o, [1], DTypes.Statistics);
        if (isRms)
        {
            o.Backend.RmsNorm(from, default, epsilon, Into(y), factor);
            o.Backend.RmsNormInputGradient(from, default, factor, dy, Into(dx));
            o.Backend.RmsNormWeightGradient(from, factor, dy, Into(dgamma));
            return [o.Read(y), o.Read(dx), o.Read(dgamma)];
        }
        o.Backend.LayerNorm(from, default, default, epsilon, Into(y), mean, factor);
        o.Backend.LayerNormInputGradient(from, default, mean, factor, dy, Into(dx));
        o.Backend.LayerNormWeightGradient(from, mean, factor, dy, Into(dgamma), Into(dbeta));
        return [o.Read(y), o.Read(dx), o.Read(dgamma), o.Read(dbeta)];
    }

    /// <summary>A verb's results beside the reference's in double, within a few roundings of the largest of each.</summary>
    private void Compare(string row, Func<Operands, DType, double[], double[][]> run)
    {
        foreach (DType dtype in Stored())
        {
            double[] x = [.. Elements(row).Select(v => Round(v, dtype))];
            double[][] expected = run(new Operands(new ReferenceBackend()), DType.Float64, x), found = run(Own(), dtype, x);
            (double unit, double floor) = dtype == DType.BFloat16 ? (3 * BFloat16.UnitRoundoff, 1e-40) : (2e-6, 1e-44);
            for (int i = 0; i < expected.Length; i++)
            {
                double most = dtype == DType.Float64 ? double.MaxValue : float.MaxValue;
                double[] exact = [.. expected[i].Select(v => Math.Abs(v) <= most ? v : (float)v)];
                double largest = exact.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
                Assert.That(found[i], Is.EqualTo(exact).Within(unit * largest + floor), $"{dtype}, result {i}");
            }
        }
    }

    private double[] Elements(string row) => [.. Enumerable.Range(0, Length).Select(Rows[row])];

    private static double[] Slopes(int count) => [.. Enumerable.Range(0, count).Select(i => Math.Sign(Math.Cos(2 * i)) * 0.5)];

    private static double Round(double x, DType dtype) => dtype == DType.BFloat16 ? (float)(BFloat16)(float)x : (float)x;

    private static View Blank(Operands on, Shape shape, DType dtype) =>
        on.Place(shape, [.. Enumerable.Repeat(double.NaN, shape.ElementCount)], Layout.Dense, dtype);

    private Operands Own() => new(on.Open());

    private IEnumerable<DType> Stored() => on.DType == DType.Float32 ? [DType.Float32, DType.BFloat16] : [on.DType];
}
