using System.Numerics;
using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class ElementwiseTests(BackendCase on) : BackendTests(on)
{
    private static readonly (Shape A, Shape B, Shape Y)[] Broadcasts =
    [
        ([], [], []), ([1], [], [1]), ([0], [1], [0]), ([3, 0], [3, 1], [3, 0]), ([33], [33], [33]), ([31, 33], [33], [31, 33]),
        ([33], [31, 33], [31, 33]), ([31, 1], [1, 33], [31, 33]), ([1, 32], [31, 1], [31, 32]), ([2, 1, 4], [3, 1], [2, 3, 4]),
        ([], [2, 3], [2, 3]), ([2, 3], [], [2, 3]), ([1, 1, 1], [5, 1, 7], [5, 1, 7]),
    ];

    [Test]
    public void Map_applies_the_function_to_every_element()
    {
        foreach (Shape shape in new Shape[] { [], [0], [1], [31], [32], [33], [3, 0], [5, 67] })
        {
            double[] x = Values(shape);
            View vx = Place(shape, x);
            Expected[] expected = [.. x.Select(v => new Expected(v * v - 3 * v, 4 * (v * v + 3 * Math.Abs(v))))];
            Check(shape, expected, y => B.Map<Parabola>(vx, y));
            CheckInPlace(shape, x, expected, v => B.Map<Parabola>(v, Into(v)));
        }
    }

    [Test]
    public void Zip_broadcasts_both_operands_to_the_result()
    {
        foreach ((Shape shapeA, Shape shapeB, Shape shape) in Broadcasts)
        {
            double[] a = Values(shapeA), b = Values(shapeB);
            View va = Place(shapeA, a), vb = Place(shapeB, b);
            Expected[] expected =
                [.. Enumerable.Range(0, shape.ElementCount).Select(i => Shear(a[At(i, shape, shapeA)], b[At(i, shape, shapeB)]))];
            Check(shape, expected, y => B.Zip<Sheared>(va, vb, y), $"{shapeA} with {shapeB} to");
        }
    }

    [Test]
    public void Zip_reads_strided_operands([Values] Layout layoutA, [Values] Layout layoutB)
    {
        Shape shape = [31, 33];
        double[] a = Values(shape), b = Values(shape);
        View va = Place(shape, a, layoutA), vb = Place(shape, b, layoutB);
        Check(shape, [.. a.Zip(b, Shear)], y => B.Zip<Sheared>(va, vb, y));
    }

    [Test]
    public void Zip_works_in_place_on_either_or_both_operands()
    {
        Shape shape = [3, 33];
        double[] a = Values(shape), b = Values(shape), row = Values(33);
        View vb = Place(shape, b), vRow = Place([33], row);
        CheckInPlace(shape, a, [.. a.Zip(b, Shear)], x => B.Zip<Sheared>(x, vb, Into(x)));
        CheckInPlace(shape, a, [.. b.Zip(a, Shear)], x => B.Zip<Sheared>(vb, x, Into(x)));
        CheckInPlace(shape, a, [.. a.Zip(a, Shear)], x => B.Zip<Sheared>(x, x, Into(x)));
        CheckInPlace(shape, a, [.. a.Select((v, i) => Shear(v, row[i % 33]))], x => B.Zip<Sheared>(x, vRow, Into(x)));
    }

    [Test]
    public void NaN_and_infinities_pass_through()
    {
        double[] odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        View x = Place([3], odd), zero = Place([3], [0.0, 0, 0]), y = Blank([3]);
        B.Zip<Sheared>(x, zero, Into(y));
        Assert.That(Read(y), Is.EqualTo(new[] { double.NaN, double.NaN, double.NaN }), "x·0");
        B.Map<Parabola>(x, Into(y));
        Assert.That(Read(y), Is.EqualTo(new[] { double.NaN, double.NaN, double.PositiveInfinity }));
        B.Affine(x, 2, 1, Into(y));
        Assert.That(Read(y), Is.EqualTo(odd));
    }

    [Test]
    public void Affine_scales_and_shifts()
    {
        foreach (Shape shape in new Shape[] { [], [0], [33], [4, 31] })
        {
            double[] x = Values(shape);
            View vx = Place(shape, x);
            Expected[] expected = [.. x.Select(v => new Expected(-1.7 * v + 0.3, 4 * (1.7 * Math.Abs(v) + 0.3)))];
            Check(shape, expected, y => B.Affine(vx, -1.7, 0.3, y));
            CheckInPlace(shape, x, expected, v => B.Affine(v, -1.7, 0.3, Into(v)));
        }
    }

    [Test]
    public void Where_chooses_and_an_absent_operand_is_zero([Values] bool hasA, [Values] bool hasB)
    {
        foreach ((Shape shapeA, Shape shapeB, Shape shape) in Broadcasts)
        {
            double[] a = Values(shapeA), b = Values(shapeB), mask = [.. Integers(shape.Last, 2).Select(i => (double)i)];
            Shape shapeMask = shape.Rank == 0 ? [] : [shape.Last];
            View vMask = Place(shapeMask, mask, dtype: DType.Bool);
            View va = hasA ? Place(shapeA, a) : default, vb = hasB ? Place(shapeB, b) : default;
            double Chosen(int i) => mask[At(i, shape, shapeMask)] != 0
                ? (hasA ? a[At(i, shape, shapeA)] : 0)
                : (hasB ? b[At(i, shape, shapeB)] : 0);
            Check(shape, [.. Enumerable.Range(0, shape.ElementCount).Select(i => new Expected(Chosen(i)))], y =>
                B.Where(vMask, va, vb, y));
        }
    }

    [Test]
    public void Where_does_not_let_the_NaN_through_that_it_did_not_choose()
    {
        View mask = Place([2], [1, 0], dtype: DType.Bool), a = Place([2], [1, double.NaN]), b = Place([2], [double.NaN, 2]),
            y = Blank([2]);
        B.Where(mask, a, b, Into(y));
        Assert.That(Read(y), Is.EqualTo(new double[] { 1, 2 }));
    }

    /// <summary>The element of an operand that broadcasting pairs with element i of the result.</summary>
    private static int At(int i, Shape result, Shape operand)
    {
        int at = 0, step = 1;
        for (int back = 1; back <= operand.Rank; i /= result[^back], step *= operand[^back], back++)
            if (operand[^back] != 1) at += i % result[^back] * step;
        return at;
    }

    private static Expected Shear(double a, double b) => new(a * b - 2 * a, 4 * (Math.Abs(a * b) + 2 * Math.Abs(a)));

    public readonly struct Parabola : IUnary<Parabola>
    {
        public static T Apply<T>(T x) where T : unmanaged, IFloatingPointIeee754<T> => x * x - T.CreateChecked(3) * x;
    }

    public readonly struct Sheared : IBinary<Sheared>
    {
        public static T Apply<T>(T a, T b) where T : unmanaged, IFloatingPointIeee754<T> => a * b - T.CreateChecked(2) * a;
    }
}
