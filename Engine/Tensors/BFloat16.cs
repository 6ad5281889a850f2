namespace AutogradCore;

/// <summary>A float cut to its upper 16 bits: sign, 8 bits of exponent, 7 of fraction. The range of a float in half the memory,
/// rounded to about 2^-8 of itself. A type to store, not to compute with.</summary>
/// <param name="Bits">The upper half of a float's bits.</param>
public readonly record struct BFloat16(ushort Bits)
{
    /// <summary>How far rounding moves a number at most, as a share of it: 2^-8, the unit roundoff.</summary>
    public const double UnitRoundoff = 1.0 / 256;

    private const uint QuietBit = 0x40;

    /// <summary>The number as a float, exactly.</summary>
    public static explicit operator float(BFloat16 x) => BitConverter.UInt32BitsToSingle((uint)x.Bits << 16);

    /// <summary>The nearest number, ties to the even one; NaN stays NaN and becomes quiet, and what is too large becomes
    /// infinite.</summary>
    public static explicit operator BFloat16(float x)
    {
        uint bits = BitConverter.SingleToUInt32Bits(x), upper = bits >> 16;
        return float.IsNaN(x) ? new((ushort)(upper | QuietBit)) : new((ushort)((bits + 0x7FFF + (upper & 1)) >> 16));
    }

    /// <summary>The number itself, as digits.</summary>
    public override string ToString() => ((float)this).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
