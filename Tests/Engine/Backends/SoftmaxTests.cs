using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class SoftmaxTests(BackendCase on) : BackendTests(on)
{
    private static readonly Shape[] Shapes = [[], [1], [33], [0, 4], [4, 0], [5, 1], [31, 32], [2, 3, 33]];

    [Test]
    public void Softmax_is_the_share_of_each_exponential([Values(1, 30)] double scale)
    {
        foreach (Shape shape in Shapes)
        {
            double[] x = Values(shape, scale);
            View vx = Place(shape, x);
            Expected[] expected = ByRow(shape, (row, i) =>
            {
                double p = Exact(x, row, i);
                return new(p, p * Slack(x, row));
            });
            Check(shape, expected, y => B.Softmax(vx, y));
            CheckInPlace(shape, x, expected, v => B.Softmax(v, Into(v)));
        }
    }

    [Test]
    public void LogSoftmax_is_its_logarithm([Values(1, 30)] double scale)
    {
        foreach (Shape shape in Shapes)
        {
            double[] x = Values(shape, scale);
            View vx = Place(shape, x);
            Expected[] expected =
                ByRow(shape, (row, i) => new(x[i] - row.Max(j => x[j]) - Math.Log(Spread(x, row)), Slack(x, row)));
            Check(shape, expected, y => B.LogSoftmax(vx, y));
            CheckInPlace(shape, x, expected, v => B.LogSoftmax(v, Into(v)));
        }
    }

    [Test]
    public void SoftmaxGradient_follows_its_formula()
    {
        foreach (Shape shape in Shapes)
        {
            double[] x = Values(shape), dy = Values(shape),
                y = [.. ByRow(shape, (row, i) => new(Exact(x, row, i))).Select(e => Round(e.Value))];
            View vy = Place(shape, y), grad = Place(shape, dy);
            Expected[] expected = ByRow(shape, (row, i) => new(
                y[i] * (dy[i] - row.Sum(j => y[j] * dy[j])),
                (row.Length + 8) * y[i] * (Math.Abs(dy[i]) + row.Sum(j => Math.Abs(y[j] * dy[j])))));
            Check(shape, expected, dx => B.SoftmaxGradient(vy, grad, dx));
            CheckInPlace(shape, dy, expected, v => B.SoftmaxGradient(vy, v, Into(v)));
        }
    }

    [Test]
    public void LogSoftmaxGradient_follows_its_formula()
    {
        foreach (Shape shape in Shapes)
        {
            double[] y = [.. Values(shape).Select(v => Round(-Math.Abs(v)))], dy = Values(shape);
            View vy = Place(shape, y), grad = Place(shape, dy);
            Expected[] expected = ByRow(shape, (row, i) => new(
                dy[i] - Math.Exp(y[i]) * row.Sum(j => dy[j]),
                (row.Length + 16 + 4 * Math.Abs(y[i])) * (Math.Abs(dy[i]) + row.Sum(j => Math.Abs(dy[j])))));
            Check(shape, expected, dx => B.LogSoftmaxGradient(vy, grad, dx));
            CheckInPlace(shape, dy, expected, v => B.LogSoftmaxGradient(vy, v, Into(v)));
        }
    }

    [Test]
    public void Huge_logits_do_not_overflow_and_excluded_ones_get_nothing()
    {
        View x = Place([2, 2], [1e30, 0, double.NegativeInfinity, 3]), y = Blank([2, 2]);
        B.Softmax(x, Into(y));
        Assert.That(Read(y), Is.EqualTo(new double[] { 1, 0, 0, 1 }));
        B.LogSoftmax(x, Into(y));
        Assert.That(Read(y), Is.EqualTo(new[] { 0, -Round(1e30), double.NegativeInfinity, 0 }));
    }

    [Test]
    public void A_row_with_NaN_is_NaN_and_others_are_not()
    {
        View x = Place([3, 2], [double.NaN, 1, double.NegativeInfinity, double.NaN, 0, 0]), y = Blank([3, 2]);
        foreach (Action verb in new Action[] { () => B.Softmax(x, Into(y)), () => B.LogSoftmax(x, Into(y)) })
        {
            verb();
            Assert.That(Read(y)[..4], Is.All.NaN);
            Assert.That(Read(y)[4..], Has.None.NaN);
        }
    }

    [Test]
    public void A_row_of_minus_infinity_alone_gives_zeros_whose_logarithm_is_minus_infinity_and_gradients_stay_finite(
        [Values(2, 33, 5000)] int length)
    {
        double[] low = [.. Enumerable.Repeat(double.NegativeInfinity, length)], ones = [.. Enumerable.Repeat(1.0, 2 * length)];
        View x = Place([2, length], [.. low, .. new double[length]]), y = Blank([2, length]), dx = Blank([2, length]);
        View dy = Place([2, length], ones);
        B.Softmax(x, Into(y));
        Assert.That(Read(y)[..length], Is.All.Zero);
        Assert.That(Read(y)[length..], Is.All.EqualTo(1.0 / length).Within(1e-7));
        B.SoftmaxGradient(y, dy, Into(dx));
        Assert.That(Read(dx)[..length], Is.All.Zero);
        B.LogSoftmax(x, Into(y));
        Assert.That(Read(y)[..length], Is.All.EqualTo(double.NegativeInfinity));
        B.LogSoftmaxGradient(y, dy, Into(dx));
        Assert.That(Read(dx).Select(double.IsFinite), Is.All.True);
    }

    private static Expected[] ByRow(Shape shape, Func<int[], int, Expected> element) =>
        [.. Enumerable.Range(0, shape.ElementCount).Select(i =>
            element([.. Enumerable.Range(i / shape.Last * shape.Last, shape.Last)], i))];

    private static double Spread(double[] x, int[] row) => row.Sum(j => Math.Exp(x[j] - row.Max(k => x[k])));

    private static double Exact(double[] x, int[] row, int i) => Math.Exp(x[i] - row.Max(j => x[j])) / Spread(x, row);

    /// <summary>A row's sum costs its length, and rounding an exponent e costs |e| roundoffs.</summary>
    private static double Slack(double[] x, int[] row) => row.Length + 16 + 4 * row.Max(j => Math.Abs(x[j]));
}
