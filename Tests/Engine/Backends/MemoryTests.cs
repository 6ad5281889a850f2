using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class MemoryTests(BackendCase on) : BackendTests(on)
{
    private static readonly Shape[] Shapes = [[0, 3], [3, 0], [1, 1], [2, 3], [31, 33], [2, 3, 4], [3, 1, 32]];

    [Test]
    public void Upload_and_download_return_the_same_elements([Values] DType dtype)
    {
        double[] values = dtype == DType.Bool ? [0, 1, 1, 0, 1] : [-3, 0, 1, 7, 100];
        Assert.That(Read(Place([5], values, dtype: dtype)), Is.EqualTo(values));
    }

    [Test]
    public void Upload_and_download_of_another_count_or_type_name_both()
    {
        View x = Blank([2, 3]);
        ShapeMismatchException? upload = Assert.Throws<ShapeMismatchException>(() => B.Upload<int>(new int[5], x));
        Assert.That(upload!.Message, Does.Contain("5").And.Contain("[2,3]"));
        Assert.Throws<ShapeMismatchException>(() => B.Download(x, new double[7].AsSpan()));
        Assert.Throws<DTypeException>(() => B.Upload<int>(new int[6], x));
    }

    [Test]
    public void Fill_sets_every_element([Values] DType dtype)
    {
        View y = Place([31], Repeat(5, 31), dtype: dtype);
        B.Fill(y, 1);
        Assert.That(Read(y), Is.EqualTo(Repeat(1, 31)));
        B.Fill(y, 2.5);
        Assert.That(Read(y), Is.EqualTo(Repeat(dtype switch { DType.Int32 => 2, DType.Bool => 1, _ => 2.5 }, 31)));
    }

    [Test]
    public void Copy_moves_between_any_two_layouts([Values] Layout from, [Values] Layout to)
    {
        foreach (Shape shape in Shapes)
        {
            double[] values = Values(shape);
            View x = Place(shape, values, from);
            Check(shape, [.. values.Select(v => new Expected(v))], y => B.Copy(x, y), layout: to);
        }
    }

    [Test]
    public void Copy_repeats_what_has_stride_zero()
    {
        double[] row = Values(33);
        View x = Place([33], row).BroadcastTo([4, 33]);
        Check([4, 33], [.. Enumerable.Range(0, 4 * 33).Select(i => new Expected(row[i % 33]))], y => B.Copy(x, y));
    }

    [Test]
    public void Copy_takes_integers_and_masks_and_adds_integers_only()
    {
        View ids = PlaceIntegers([3], [1, -2, int.MaxValue]), to = PlaceIntegers([3], [9, 9, 9]);
        B.Copy(ids, Into(to));
        Assert.That(Read(to), Is.EqualTo(new double[] { 1, -2, int.MaxValue }));
        View one = PlaceIntegers([3], [10, 20, -1]);
        B.Copy(one, AddTo(to));
        Assert.That(Read(to), Is.EqualTo(new double[] { 11, 18, int.MaxValue - 1 }));

        View mask = Place([2], [1, 0], dtype: DType.Bool), copy = Place([2], [0, 0], dtype: DType.Bool);
        B.Copy(mask, Into(copy));
        Assert.That(Read(copy), Is.EqualTo(new double[] { 1, 0 }));
        Assert.Throws<DTypeException>(() => B.Copy(mask, AddTo(copy)));
        Assert.Throws<DTypeException>(() => B.Cast(mask, AddTo(copy)));
    }

    [Test]
    public void Cast_rounds_truncates_or_tests_for_zero([Values] DType to, [Values] Layout layout)
    {
        double[] values = [.. new[] { 0, -0.0, 1, -1, 2.7, -2.7, 0.3, 1e9, -1e9, 1e-30 }.Select(Round)];
        View x = Place([2, 5], values, layout), y = Place([2, 5], Repeat(5, 10), dtype: to);
        B.Cast(x, Into(y));
        Assert.That(Read(y), Is.EqualTo(values.Select(v => Converted(v, to))));
        if (to == DType.Bool) return;
        B.Cast(x, AddTo(y));
        Assert.That(Read(y), Is.EqualTo(values.Select(v => to == DType.BFloat16
            ? Converted((float)Converted(v, to) + (float)v, to)
            : 2 * Converted(v, to))));
    }

    [Test]
    public void Cast_makes_floats_of_integers_and_masks()
    {
        View ids = PlaceIntegers([3], [0, -7, 1 << 20]), mask = Place([3], [1, 0, 1], dtype: DType.Bool), y = Blank([3]);
        B.Cast(ids, Into(y));
        Assert.That(Read(y), Is.EqualTo(new double[] { 0, -7, 1 << 20 }));
        B.Cast(mask, Into(y));
        Assert.That(Read(y), Is.EqualTo(new double[] { 1, 0, 1 }));
    }

    [Test]
    public void Cast_keeps_infinities_and_NaN_and_saturates_integers()
    {
        double[] values = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        View x = Place([3], values), floats = Place([3], values, dtype: DType.Float32);
        View integers = PlaceIntegers([3], [5, 5, 5]), mask = Place([3], [0, 0, 0], dtype: DType.Bool);
        B.Cast(x, Into(floats));
        B.Cast(x, Into(integers));
        B.Cast(x, Into(mask));
        Assert.That(Read(floats), Is.EqualTo(values));
        Assert.That(Read(integers), Is.EqualTo(new double[] { 0, int.MaxValue, int.MinValue }));
        Assert.That(Read(mask), Is.EqualTo(new double[] { 1, 1, 1 }));
    }

    private static double Converted(double x, DType to) => to switch
    {
        DType.Float32 => (float)x,
        DType.BFloat16 => (float)(BFloat16)(float)x,
        DType.Int32 => Math.Truncate(x) + 0.0,
        DType.Bool => x != 0 ? 1 : 0,
        _ => x,
    };
}
