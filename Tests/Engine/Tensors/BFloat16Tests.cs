using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Tensors;

public sealed class BFloat16Tests
{
    private static IEnumerable<BFloat16> All => Enumerable.Range(0, 1 << 16).Select(bits => new BFloat16((ushort)bits));

    [Test]
    public void Every_value_that_is_a_number_survives_the_way_through_a_float()
    {
        foreach (BFloat16 x in All)
            if (!float.IsNaN((float)x)) Assert.That((BFloat16)(float)x, Is.EqualTo(x));
    }

    [Test]
    public void NaN_stays_NaN_becomes_quiet_and_keeps_its_sign()
    {
        foreach (BFloat16 x in All.Where(x => float.IsNaN((float)x)))
        {
            BFloat16 back = (BFloat16)(float)x;
            Assert.That(back.Bits, Is.EqualTo(x.Bits | 0x40));
        }
        // The lower half alone says that it is NaN.
        Assert.That((float)(BFloat16)BitConverter.UInt32BitsToSingle(0x7f80_0001), Is.NaN);
    }

    [Test]
    public void Half_way_between_two_neighbours_goes_to_the_even_one_and_a_little_off_to_the_nearer()
    {
        foreach (BFloat16 x in All)
        {
            uint bits = (uint)x.Bits << 16;
            if ((bits & 0x7f80_0000) == 0x7f80_0000) continue;
            ushort above = (ushort)(x.Bits + 1), even = (x.Bits & 1) == 0 ? x.Bits : above;
            Assert.That(Rounded(bits | 0x7fff), Is.EqualTo(x.Bits));
            Assert.That(Rounded(bits | 0x8000), Is.EqualTo(even));
            Assert.That(Rounded(bits | 0x8001), Is.EqualTo(above));
        }
    }

    [Test]
    public void No_float_in_range_moves_by_more_than_the_unit_roundoff()
    {
        RandomStream random = RandomStream.Named(nameof(BFloat16Tests), 1);
        for (int i = 0; i < 100_000; i++)
        {
            float x = (float)(random.Normal(i) * Math.ScaleB(1, i % 200 - 100));
            double moved = Math.Abs((double)(float)(BFloat16)x - x);
            Assert.That(moved, Is.LessThanOrEqualTo(BFloat16.UnitRoundoff * Math.Abs((double)x)));
        }
    }

    [TestCase(float.MaxValue, float.PositiveInfinity)]
    [TestCase(-float.MaxValue, float.NegativeInfinity)]
    [TestCase(float.PositiveInfinity, float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity, float.NegativeInfinity)]
    [TestCase(float.Epsilon, 0)]
    public void Ends_of_the_range(float x, float expected) => Assert.That((float)(BFloat16)x, Is.EqualTo(expected));

    [Test]
    public void It_is_two_bytes_and_floating_and_summed_in_floats()
    {
        Assert.That(DTypes.Of<BFloat16>(), Is.EqualTo(DType.BFloat16));
        Assert.That(DType.BFloat16.Size(), Is.EqualTo(2));
        Assert.That(DType.BFloat16.IsFloating());
        Assert.That(DType.BFloat16.Sums(), Is.EqualTo(DType.Float32));
        Assert.That(DType.Float64.Sums(), Is.EqualTo(DType.Float64));
        Assert.That(((BFloat16)1.5f).ToString(), Is.EqualTo("1.5"));
    }

    private static ushort Rounded(uint bits) => ((BFloat16)BitConverter.UInt32BitsToSingle(bits)).Bits;
}
