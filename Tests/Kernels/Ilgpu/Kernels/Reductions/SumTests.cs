extern alias simt;

using AutogradCore.Tests.Backends;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Kernels.Ilgpu;

/// <summary>Sums take four terms, or four sums, at a time where they lie side by side: same bits as one by one.</summary>
[Parallelizable]
public sealed class SumTests
{
    private static readonly (Shape X, Shape Y)[] Sums =
    [
        ([70, 36], [36]), ([70, 34], [34]), ([7, 4], [4]), ([2, 35, 8], [8]), ([3, 20, 8], [3, 1, 8]), // four sums or one
        ([5, 16], [5, 1]), ([5, 600], [5, 1]), ([2, 602], [2, 1]), ([2, 3, 40], [2, 1, 1]), ([40, 8], []), // tiles
        ([2, 1200], []), ([2, 1201], [2, 1]), // chunks of tiles
        ([2, 17, 4, 5], [2, 1, 4, 1]), // terms with gaps between them
    ];

    private static Shape[][] Shapes() => [.. Sums.Select(s => new[] { s.X, s.Y })];

    [Test]
    public void Sums_do_not_depend_on_where_operands_start(
        [Values(DType.Float32, DType.BFloat16)] DType dtype, [ValueSource(nameof(Shapes))] Shape[] shapes) =>
        Starts.Agree(BFloat16.UnitRoundoff + 1e-4, on =>
        {
            (Shape from, Shape to) = (shapes[0], shapes[1]);
            View x = on.Place(from, Starts.Values(from.ElementCount, 1), dtype);
            View y = on.Place(to, Starts.Values(to.ElementCount, 2), dtype);
            View wide = on.Place(to, new double[to.ElementCount], dtype == DType.BFloat16 ? DType.Float32 : dtype);
            on.Backend.Sum(x, AddTo(y));
            on.Keep(y);
            on.Backend.Sum(x, Into(wide));
            on.Keep(wide);
        });

    /// <summary>Rows of 40, of which columns are left out: those that begin with the fifth start at a four.</summary>
    [Test]
    public void Sums_over_rows_with_gaps_have_the_bits_of_sums_without(
        [Values(DType.Float32, DType.BFloat16)] DType dtype, [Values(0, 3, 4)] int first, [Values(32, 33)] int columns)
    {
        const int rows = 70, width = 40;
        double[] all = Starts.Values(rows * width, 1);
        double[] taken = [.. all.Where((_, i) => i % width >= first && i % width < first + columns)];
        using Operands on = new(new SimtBackend(), guard: 16);
        View wide = on.Place([rows, width], all, Layout.Dense, dtype).Slice(1, first, columns);
        View narrow = on.Place([rows, columns], taken, Layout.Dense, dtype);
        foreach (Shape shape in new Shape[] { [columns], [rows, 1] })
        {
            View y = on.Place(shape, new double[shape.ElementCount], Layout.Dense, DType.Float32);
            View z = on.Place(shape, new double[shape.ElementCount], Layout.Dense, DType.Float32);
            on.Backend.Sum(wide, Into(y));
            on.Backend.Sum(narrow, Into(z));
            Assert.That(on.Read(y), Is.EqualTo(on.Read(z)), $"{shape}");
        }
    }

    [Test]
    public void The_squared_norm_does_not_depend_on_where_its_operand_starts(
        [Values(DType.Float32, DType.Float64, DType.BFloat16)] DType dtype,
        [Values(1, 4, 255, 256, 259, 1030, 1284)] int count) => Starts.Agree(1e-12, on =>
            on.Keep(on.Backend.SquaredNorm(on.Place([count], Starts.Values(count, 1), dtype))));

    [Test]
    public void What_is_not_finite_is_found_wherever_it_is(
        [Values(DType.Float32, DType.Float64, DType.BFloat16)] DType dtype, [Values(7, 278)] int count)
    {
        double[] odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        foreach (int later in new[] { 0, 1 })
        {
            using Operands on = new(new SimtBackend(), guard: 16);
            View x = on.Place([count], Starts.Values(count, 1), Layout.Dense, dtype, later);
            Assert.That(on.Backend.IsFinite(x), Is.True);
            foreach (int i in Enumerable.Range(0, count).Where(i => i % 9 == 0 || i >= count - 3))
            {
                on.Backend.Fill(x.Slice(0, i, 1), odd[i % 3]);
                Assert.That(on.Backend.IsFinite(x), Is.False, $"[{i}], {later} later");
                on.Backend.Fill(x.Slice(0, i, 1), 1);
            }
            Assert.That(on.Backend.IsFinite(x), Is.True);
        }
    }
}
