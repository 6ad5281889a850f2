using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

/// <summary>What must not spread and what must not be lost: NaN and infinities in long rows, results added to their own
/// operands.</summary>
public sealed class BadInputTests(BackendCase on) : BackendTests(on)
{
    private const int Rows = 3, Length = 1100;

    private static readonly double[] Odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    private static IEnumerable<int> Places => [0, 15, 16, 40, 511, 512, 1087, 1099];

    [Test]
    public void A_bad_element_of_a_row_makes_the_normalised_row_NaN_and_no_other([ValueSource(nameof(Odd))] double bad)
    {
        foreach (int at in Places)
        {
            View x = Spoiled(bad, at), y = Blank([Rows, Length]), mean = Statistics([Rows]), scale = Statistics([Rows]),
                dy = Place([Rows, Length], Values([Rows, Length]));
            B.LayerNorm(x, default, default, 1e-5, Into(y), mean, scale);
            OnlyTheMiddleRowHasNaN(y, whole: true, $"layer norm, {bad} at {at}");
            B.LayerNormInputGradient(x, default, mean, scale, dy, Into(y));
            OnlyTheMiddleRowHasNaN(y, whole: true, $"its gradient, {bad} at {at}");
            B.RmsNorm(x, default, 1e-5, Into(y), scale);
            OnlyTheMiddleRowHasNaN(y, whole: double.IsNaN(bad), $"root mean square norm, {bad} at {at}");
        }
    }

    [Test]
    public void A_NaN_or_positive_infinity_among_logits_makes_its_row_of_softmax_NaN_and_no_other()
    {
        foreach (double bad in new[] { double.NaN, double.PositiveInfinity })
            foreach (int at in Places)
            {
                View x = Spoiled(bad, at), y = Blank([Rows, Length]);
                B.Softmax(x, Into(y));
                OnlyTheMiddleRowHasNaN(y, whole: double.IsNaN(bad), $"softmax, {bad} at {at}");
                B.LogSoftmax(x, Into(y));
                OnlyTheMiddleRowHasNaN(y, whole: double.IsNaN(bad), $"its logarithm, {bad} at {at}");
            }
    }

    [Test]
    public void A_logit_of_minus_infinity_is_a_class_without_probability()
    {
        foreach (int at in Places)
        {
            View x = Spoiled(double.NegativeInfinity, at), y = Blank([Rows, Length]), loss = Blank([]), lse = Statistics([Rows]);
            B.Softmax(x, Into(y));
            Assert.That(Read(y)[Length + at], Is.Zero);
            Assert.That(Read(y), Has.None.NaN);
            View targets = PlaceIntegers([Rows], [1, 2, 3]);
            B.CrossEntropy(x, targets, new CrossEntropyOptions(), loss, lse);
            Assert.That(Read(loss).Concat(Read(lse)), Has.None.NaN);
            B.CrossEntropyGradient(x, targets, lse, Place([], [1]), new CrossEntropyOptions(), Into(y));
            Assert.That(Read(y), Has.None.NaN);
        }
    }

    [Test]
    public void A_NaN_among_logits_makes_the_loss_NaN_and_only_its_row_of_the_gradient()
    {
        foreach (int at in Places)
        {
            View x = Spoiled(double.NaN, at), dx = Blank([Rows, Length]), loss = Blank([]), lse = Statistics([Rows]);
            View targets = PlaceIntegers([Rows], [1, 2, 3]);
            B.CrossEntropy(x, targets, new CrossEntropyOptions(), loss, lse);
            Assert.That(Read(loss), Is.All.NaN);
            Assert.That(Read(lse).Select(double.IsNaN), Is.EqualTo(new[] { false, true, false }));
            B.CrossEntropyGradient(x, targets, lse, Place([], [1]), new CrossEntropyOptions(), Into(dx));
            OnlyTheMiddleRowHasNaN(dx, whole: true, $"NaN at {at}");
        }
    }

    [Test]
    public void The_first_NaN_of_a_long_row_or_column_wins_and_infinities_are_ordinary_maxima()
    {
        foreach (int at in Places)
        {
            foreach ((double bad, bool wins) in new[] { (double.NaN, true), (double.PositiveInfinity, true),
                (double.NegativeInfinity, false) })
            {
                double[] x = [.. Values([Rows, Length]).Select(Math.Abs)];
                x[Length + at] = bad;
                if (wins && at + 5 < Length) x[Length + at + 5] = bad;
                double[] columns = new double[Rows * Length];
                for (int i = 0; i < columns.Length; i++) columns[(i % Length * Rows) + (i / Length)] = x[i];
                foreach ((View view, int axis) in new[] { (Place([Rows, Length], x), 1), (Place([Length, Rows], columns), 0) })
                {
                    Shape result = view.Shape.With(axis, 1);
                    View y = Blank(result), index = PlaceIntegers(result, [7, 7, 7]);
                    B.Max(view, axis, y, index);
                    Assert.That(Read(index)[1] == at, Is.EqualTo(wins), $"{bad} at {at} along axis {axis}");
                    if (wins) Assert.That(Read(y)[1], Is.EqualTo(bad));
                    Assert.That(new[] { Read(y)[0], Read(y)[2] }, Has.None.NaN.And.None.EqualTo(double.PositiveInfinity));
                }
            }
        }
    }

    [Test]
    public void A_bad_element_reaches_the_sum_and_the_norm_from_anywhere()
    {
        foreach (int at in Places)
        {
            View x = Spoiled(double.NaN, at), all = Blank([1]), columns = Blank([Length]);
            B.Sum(x, Into(all));
            B.Sum(x, Into(columns));
            Assert.That(Read(all), Is.All.NaN);
            Assert.That(Enumerable.Range(0, Length).Where(i => double.IsNaN(Read(columns)[i])), Is.EqualTo(new[] { at }));
            Assert.That(B.SquaredNorm(x), Is.NaN);
        }
    }

    [Test]
    public void A_result_can_be_added_to_its_own_operand()
    {
        foreach (int count in new[] { 1, 15, 16, 17, 1000, 40_000 })
        {
            double[] x = Values(count);
            InPlace(x, v => 2 * v, v => B.Copy(v, AddTo(v)), "copy");
            InPlace(x, v => 2.5 * v - 1, v => B.Affine(v, 1.5, -1, AddTo(v)), "affine");
            InPlace(x, v => 3 * v, v => B.Zip<Add.Function>(v, v, AddTo(v)), "zip");
            InPlace(x, v => v + Math.Max(v, 0), v => B.Map<Relu.Function>(v, AddTo(v)), "map");
            View mask = Place([count], Repeat(1, count), dtype: DType.Bool);
            InPlace(x, v => 2 * v, v => B.Where(mask, v, default, AddTo(v)), "where");
            InPlace(x, v => v, v => B.Where(mask, v, v, Into(v)), "where in place");
            InPlace(x, v => 2 * v, v => B.Cast(v, AddTo(v)), "cast");
        }
    }

    private void InPlace(double[] x, Func<double, double> exact, Action<View> verb, string name)
    {
        View view = Place([x.Length], x);
        verb(view);
        Close(Read(view), [.. x.Select(v => new Expected(exact(v), 8 * (Math.Abs(v) + 1)))], name);
    }

    /// <summary>Normal numbers in three long rows, one element of the middle row replaced.</summary>
    private View Spoiled(double bad, int at)
    {
        double[] x = Values([Rows, Length]);
        x[Length + at] = bad;
        return Place([Rows, Length], x);
    }

    private void OnlyTheMiddleRowHasNaN(View y, bool whole, string context)
    {
        double[] values = Read(y), middle = values[Length..(2 * Length)];
        Assert.That(values[..Length].Concat(values[(2 * Length)..]), Has.None.NaN, context);
        Assert.That(middle, whole ? Is.All.NaN : Has.Some.NaN, context);
    }
}
