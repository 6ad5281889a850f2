using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class RmsNormTests(BackendCase on) : BackendTests(on)
{
    private const double Epsilon = 1e-5;
    private static readonly Shape[] Shapes = [[5], [0, 4], [4, 0], [3, 1], [31, 33], [2, 3, 32], [2, 1000]];

    [Test]
    public void Rows_are_divided_by_their_root_mean_square([Values] bool hasGamma)
    {
        foreach (Shape shape in Shapes)
        {
            (int rows, int length) = (shape.Rows, shape.Last);
            double[] x = Values(shape, 3), gamma = Values(length);
            double MeanSquare(int row) => x.Skip(row * length).Take(length).Sum(v => v * v) / Math.Max(length, 1);
            double[] rms = [.. Enumerable.Range(0, rows).Select(row => 1 / Math.Sqrt(MeanSquare(row) + Epsilon))];
            double[] exact = [.. x.Select((v, i) => v * rms[i / length] * (hasGamma ? gamma[i % length] : 1))];
            Expected[] expected = [.. exact.Select(v => new Expected(v, (2 * length + 16) * Math.Abs(v)))];
            View vx = Place(shape, x), factor = Statistics([rows]), vGamma = hasGamma ? Place([length], gamma) : default;
            Check(shape, expected, y => B.RmsNorm(vx, vGamma, Epsilon, y, factor));
            Close(Read(factor), [.. rms.Select(r => new Expected(r, (2 * length + 16) * r))], $"rms of {shape}");
            CheckInPlace(shape, x, expected, v => B.RmsNorm(v, vGamma, Epsilon, Into(v), factor));
        }
    }

    [Test]
    public void InputGradient_follows_its_formula([Values] bool hasGamma)
    {
        foreach (Shape shape in Shapes)
        {
            (int rows, int length) = (shape.Rows, shape.Last);
            double[] x = Values(shape), dy = Values(shape), gamma = Values(length),
                rms = [.. Values(rows).Select(v => Round(Math.Abs(v) + 0.5))];
            double G(int i) => dy[i] * (hasGamma ? gamma[i % length] : 1);
            Expected[] expected = new Expected[x.Length];
            for (int i = 0; i < x.Length; i++)
            {
                double r = rms[i / length];
                int[] row = [.. Enumerable.Range(i / length * length, length)];
                double mean = row.Average(j => G(j) * x[j]), size = row.Average(j => Math.Abs(G(j) * x[j]));
                expected[i] = new(
                    r * G(i) - r * r * r * x[i] * mean,
                    (2 * length + 32) * (r * Math.Abs(G(i)) + r * r * r * Math.Abs(x[i]) * size));
            }
            View vx = Place(shape, x), factor = Statistics([rows], rms), grad = Place(shape, dy),
                vGamma = hasGamma ? Place([length], gamma) : default;
            Check(shape, expected, dx => B.RmsNormInputGradient(vx, vGamma, factor, grad, dx));
            CheckInPlace(shape, dy, expected, v => B.RmsNormInputGradient(vx, vGamma, factor, v, Into(v)));
        }
    }

    [Test]
    public void WeightGradient_sums_over_rows()
    {
        foreach (Shape shape in Shapes)
        {
            (int rows, int length) = (shape.Rows, shape.Last);
            double[] x = Values(shape), dy = Values(shape), rms = [.. Values(rows).Select(v => Round(Math.Abs(v) + 0.5))];
            Total[] totals = new Total[length];
            for (int i = 0; i < x.Length; i++) totals[i % length].Add(dy[i] * x[i] * rms[i / length]);
            View vx = Place(shape, x), factor = Statistics([rows], rms), grad = Place(shape, dy);
            Check([length], [.. totals.Select(t => t.Expected)], d => B.RmsNormWeightGradient(vx, factor, grad, d));
        }
    }
}
