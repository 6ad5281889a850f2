using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

public sealed class DropoutTests(BackendCase on) : BackendTests(on)
{
    private static readonly RandomStream Stream = RandomStream.Named("dropout", seed: 7, stream: 3);

    [Test]
    public void Elements_whose_uniform_number_reaches_p_are_kept_and_scaled([Values(0, 0.1, 0.5, 0.999, 1)] double p)
    {
        foreach (Shape shape in new Shape[] { [], [0], [1], [31, 33], [2, 3, 32] })
        {
            double[] x = Values(shape);
            View vx = Place(shape, x);
            Expected[] expected =
                [.. x.Select((v, i) => Stream.Uniform(i) >= p ? new Expected(v / (1 - p), 4 * Math.Abs(v) / (1 - p)) : default)];
            Check(shape, expected, y => B.Dropout(vx, p, Stream, y), $"p = {p}");
            CheckInPlace(shape, x, expected, v => B.Dropout(v, p, Stream, Into(v)));
        }
    }

    [Test]
    public void With_p_zero_it_is_the_identity_and_with_one_all_zeros()
    {
        double[] x = Values(1000);
        View vx = Place([1000], x), y = Blank([1000]);
        B.Dropout(vx, 0, Stream, Into(y));
        SameBits(Read(y), x);
        B.Dropout(vx, 1, Stream, Into(y));
        Assert.That(Read(y), Is.All.Zero);
    }

    [Test]
    public void An_element_whose_uniform_number_is_p_itself_is_kept()
    {
        View x = Place([8], Repeat(3, 8)), y = Blank([8]);
        B.Dropout(x, Stream.Uniform(5), Stream, Into(y));
        Assert.That(Read(y)[5], Is.Not.Zero);
        B.Dropout(x, Math.BitIncrement((double)Stream.Uniform(5)), Stream, Into(y));
        Assert.That(Read(y)[5], Is.Zero);
    }

    [Test]
    public void A_dropped_NaN_is_gone()
    {
        View x = Place([100], Repeat(double.NaN, 100)), y = Blank([100]);
        B.Dropout(x, 0.5, Stream, Into(y));
        double[] kept = Read(y);
        for (int i = 0; i < 100; i++) Assert.That(double.IsNaN(kept[i]), Is.EqualTo(Stream.Uniform(i) >= 0.5), $"element {i}");
    }
}
