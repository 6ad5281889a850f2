using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class ReductionTests(BackendCase on) : BackendTests(on)
{
    private static readonly (Shape X, int Axis)[] Maxima =
        [([7], 0), ([1], 0), ([31, 33], 0), ([31, 33], 1), ([2, 5, 32], 1), ([3, 1, 2], 1), ([0, 4], 1)];

    [Test]
    public void Sum_adds_over_axes_of_length_one_and_missing_outer_axes()
    {
        foreach ((Shape shape, Shape result) in new (Shape, Shape)[]
        {
            ([], []), ([33], []), ([33], [1]), ([33], [33]), ([0], [1]), ([0, 3], [3]), ([3, 0], [3, 1]), ([31, 33], [33]),
            ([31, 33], [31, 1]), ([31, 33], [1, 33]), ([31, 33], []), ([2, 3, 4, 5], [3, 1, 5]),
                ([2, 3, 4, 5], [2, 1, 4, 1]), ([4, 1, 3], [4, 1, 3]),
            ([1000], [1]),
        })
        {
            double[] x = Values(shape);
            View vx = Place(shape, x);
            Total[] totals = new Total[result.ElementCount];
            for (int i = 0; i < x.Length; i++)
            {
                int at = 0, step = 1, rest = i;
                for (int back = 1; back <= shape.Rank; rest /= shape[^back], back++)
                    if (back <= result.Rank && result[^back] != 1)
                        (at, step) = (at + rest % shape[^back] * step, step * result[^back]);
                totals[at].Add(x[i]);
            }
            Check(result, [.. totals.Select(t => t.Expected)], y => B.Sum(vx, y), $"{shape} to");
        }
    }

    [Test]
    public void Sum_passes_NaN_to_its_own_total_only()
    {
        View x = Place([2, 3], [1, 2, 3, double.NaN, 5, 6]), rows = Blank([2, 1]), columns = Blank([3]);
        B.Sum(x, Into(rows));
        B.Sum(x, Into(columns));
        Assert.That(Read(rows), Is.EqualTo(new[] { 6, double.NaN }));
        Assert.That(Read(columns), Is.EqualTo(new[] { double.NaN, 7, 9 }));
    }

    [Test]
    public void Max_finds_the_largest_and_its_first_position()
    {
        foreach ((Shape shape, int axis) in Maxima)
        {
            double[] x = [.. Integers(shape.ElementCount, 7).Select(i => (double)i - 9)];
            Shape result = shape.With(axis, 1);
            View y = Blank(result), index = PlaceIntegers(result, new int[result.ElementCount]);
            B.Max(Place(shape, x), axis, y, index);
            int[][] lines = Lines(shape, axis);
            Assert.That(Read(y), Is.EqualTo(lines.Select(line => line.Max(i => x[i]))));
            Assert.That(Read(index), Is.EqualTo(lines.Select(line => Array.FindIndex(line, i => x[i] == line.Max(j => x[j])))),
                $"{shape} axis {axis}");
        }
    }

    [Test]
    public void In_a_maximum_the_first_NaN_wins()
    {
        double low = double.NegativeInfinity;
        View x = Place([2, 4], [1, double.NaN, 9, double.NaN, low, low, low, low]);
        View y = Blank([2, 1]), index = PlaceIntegers([2, 1], [7, 7]);
        B.Max(x, 1, y, index);
        Assert.That(Read(y), Is.EqualTo(new[] { double.NaN, double.NegativeInfinity }));
        Assert.That(Read(index), Is.EqualTo(new double[] { 1, 0 }));
    }

    [Test]
    public void MaxGradient_goes_to_the_recorded_position_alone()
    {
        foreach ((Shape shape, int axis) in Maxima)
        {
            int[][] lines = Lines(shape, axis);
            int[] position = Integers(lines.Length, shape[axis]);
            double[] dy = Values(lines.Length);
            Expected[] expected = new Expected[shape.ElementCount];
            for (int o = 0; o < lines.Length; o++) expected[lines[o][position[o]]] = new(dy[o]);
            View grad = Place(shape.With(axis, 1), dy), index = PlaceIntegers(shape.With(axis, 1), position);
            Check(shape, expected, dx => B.MaxGradient(grad, index, axis, dx), $"axis {axis}");
        }
    }

    [Test]
    public void IsFinite_sees_a_single_bad_element_anywhere([Values(1, 31, 32, 33, 100)] int count)
    {
        Assert.That(B.IsFinite(Place([count], Values(count))), Is.True);
        foreach (double bad in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
            for (int i = 0; i < count; i++)
            {
                double[] x = Repeat(DType == DType.Float32 ? float.MaxValue : double.MaxValue, count);
                x[i] = bad;
                if (i % 7 == 0 || i == count - 1) Assert.That(B.IsFinite(Place([count], x)), Is.False, $"{bad} at {i}");
            }
    }

    [Test]
    public void SquaredNorm_is_summed_in_double([Values(0, 1, 33, 1000)] int count)
    {
        double[] x = Values(count, 1e3);
        View vx = Place([count], x);
        double norm = B.SquaredNorm(vx);
        Assert.That(norm, Is.EqualTo(x.Sum(v => v * v)).Within(1e-12).Percent);
        Assert.That(B.SquaredNorm(vx), Is.EqualTo(norm));
    }

    [Test]
    public void Nothing_is_finite_and_has_no_norm()
    {
        View nothing = Blank([0, 3]);
        Assert.That(B.IsFinite(nothing), Is.True);
        Assert.That(B.SquaredNorm(nothing), Is.Zero);
    }

    /// <summary>For each element of the result, the elements of x along the axis.</summary>
    private static int[][] Lines(Shape shape, int axis)
    {
        int inner = shape.Skip(axis + 1).ElementCount;
        return [.. Enumerable.Range(0, shape.ElementCount).GroupBy(i => (i / inner / shape[axis], i % inner))
            .Select(g => g.ToArray())];
    }
}
