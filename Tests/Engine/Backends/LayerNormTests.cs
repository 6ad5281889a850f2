using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class LayerNormTests(BackendCase on) : BackendTests(on)
{
    private const double Epsilon = 1e-5;
    private static readonly Shape[] Shapes = [[5], [0, 4], [4, 0], [3, 1], [31, 33], [2, 3, 32], [2, 1000]];

    [Test]
    public void Rows_are_centred_scaled_and_shifted([Values] bool hasGamma, [Values] bool hasBeta)
    {
        foreach (Shape shape in Shapes)
        {
            (int rows, int length) = (shape.Rows, shape.Last);
            double[] x = [.. Values(shape).Select(v => Round(v + 2))], gamma = Values(length), beta = Values(length);
            Expected[] expected = new Expected[x.Length], means = new Expected[rows], scales = new Expected[rows];
            for (int row = 0; row < rows; row++)
            {
                double[] part = x[(row * length)..((row + 1) * length)];
                double mean = part.Sum() / Math.Max(length, 1),
                    variance = part.Sum(v => (v - mean) * (v - mean)) / Math.Max(length, 1);
                double rstd = 1 / Math.Sqrt(variance + Epsilon), reach = part.Select(Math.Abs).DefaultIfEmpty().Max() * rstd;
                means[row] = new(mean, (2 * length + 8) * part.Select(Math.Abs).DefaultIfEmpty().Average());
                scales[row] = new(rstd, (2 * length + 16) * rstd * (1 + reach * U * length));
                for (int i = 0; i < length; i++)
                {
                    double normal = (part[i] - mean) * rstd, g = hasGamma ? gamma[i] : 1, b = hasBeta ? beta[i] : 0;
                    expected[row * length + i] =
                        new(normal * g + b, (2 * length + 32) * (reach + Math.Abs(normal)) * Math.Abs(g) + 4 * Math.Abs(b));
                }
            }
            View vx = Place(shape, x), center = Statistics([rows]), scale = Statistics([rows]);
            View vGamma = hasGamma ? Place([length], gamma) : default, vBeta = hasBeta ? Place([length], beta) : default;
            Check(shape, expected, y => B.LayerNorm(vx, vGamma, vBeta, Epsilon, y, center, scale));
            Close(Read(center), means, $"mean of {shape}");
            Close(Read(scale), scales, $"rstd of {shape}");
            CheckInPlace(shape, x, expected, v => B.LayerNorm(v, vGamma, vBeta, Epsilon, Into(v), center, scale));
        }
    }

    [Test]
    public void InputGradient_follows_its_formula([Values] bool hasGamma)
    {
        foreach (Shape shape in Shapes)
        {
            (int rows, int length) = (shape.Rows, shape.Last);
            double[] x = Values(shape), dy = Values(shape), gamma = Values(length), mean = Values(rows), rstd = Positive(rows);
            Expected[] expected = new Expected[x.Length];
            for (int row = 0; row < rows; row++)
            {
                double G(int i) => dy[row * length + i] * (hasGamma ? gamma[i] : 1);
                double Normal(int i) => (x[row * length + i] - mean[row]) * rstd[row];
                double Reach(int i) => (Math.Abs(x[row * length + i]) + Math.Abs(mean[row])) * rstd[row];
                int[] all = [.. Enumerable.Range(0, length)];
                foreach (int i in all)
                {
                    double value = rstd[row] * (G(i) - all.Average(G) - Normal(i) * all.Average(j => G(j) * Normal(j)));
                    double size = Math.Abs(G(i)) + all.Average(j => Math.Abs(G(j)));
                    size = rstd[row] * (size + Reach(i) * all.Average(j => Math.Abs(G(j)) * Reach(j)));
                    expected[row * length + i] = new(value, (2 * length + 32) * size);
                }
            }
            View vx = Place(shape, x), grad = Place(shape, dy);
            View center = Statistics([rows], mean), scale = Statistics([rows], rstd);
            View vGamma = hasGamma ? Place([length], gamma) : default;
            Check(shape, expected, dx => B.LayerNormInputGradient(vx, vGamma, center, scale, grad, dx));
            CheckInPlace(shape, dy, expected, v => B.LayerNormInputGradient(vx, vGamma, center, scale, v, Into(v)));
        }
    }

    [Test]
    public void WeightGradient_sums_over_rows_and_skips_what_is_absent()
    {
        foreach (Shape shape in Shapes)
        {
            (int rows, int length) = (shape.Rows, shape.Last);
            double[] x = Values(shape), dy = Values(shape), mean = Values(rows), rstd = Positive(rows);
            Total[] dots = new Total[length], sums = new Total[length];
            for (int i = 0; i < x.Length; i++)
            {
                int row = i / length;
                dots[i % length].Add(dy[i] * x[i] * rstd[row]);
                dots[i % length].Add(-dy[i] * mean[row] * rstd[row]);
                sums[i % length].Add(dy[i]);
            }
            Expected[] dgamma = [.. dots.Select(t => t.Expected)], dbeta = [.. sums.Select(t => t.Expected)];
            View vx = Place(shape, x), grad = Place(shape, dy);
            View center = Statistics([rows], mean), scale = Statistics([rows], rstd);
            Check([length], dgamma, d => B.LayerNormWeightGradient(vx, center, scale, grad, d, default), "dgamma alone");
            Check([length], dbeta, d => B.LayerNormWeightGradient(vx, center, scale, grad, default, d), "dbeta alone");
            View other = Blank([length]);
            Check([length], dgamma, d => B.LayerNormWeightGradient(vx, center, scale, grad, d, Into(other)), "dgamma");
            Close(Read(other), dbeta, "dbeta beside it");
            B.LayerNormWeightGradient(vx, center, scale, grad, default, default);
        }
    }

    private double[] Positive(int count) => [.. Values(count).Select(v => Round(Math.Abs(v) + 0.5))];
}
