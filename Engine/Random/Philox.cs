using System.Text;

namespace AutogradCore;

/// <summary>Philox4x32-10: random bits as a pure function of (key, counter),
/// so that no order of evaluation can change them.</summary>
/// <remarks>
/// Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Words are little-endian: the counter is
/// (low 32 of counterLow, high 32 of counterLow, low 32 of counterHigh, high 32 of counterHigh), the key likewise.
/// </remarks>
public static class Philox
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>The 128 random bits of one counter value under one key.</summary>
    public static PhiloxBlock Block(ulong key, ulong counterLow, ulong counterHigh)
    {
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        uint c0 = (uint)counterLow, c1 = (uint)(counterLow >> 32), c2 = (uint)counterHigh, c3 = (uint)(counterHigh >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong p0 = (ulong)Multiplier0 * c0, p1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            unchecked { k0 += Weyl0; k1 += Weyl1; }
        }
        return new PhiloxBlock(c0, c1, c2, c3);
    }

    /// <summary>u = (top 24 bits) / 2^24, uniform in [0, 1); each value is exact in float.</summary>
    public static float UniformSingle(uint bits) => (bits >> 8) * (1f / (1 << 24));

    /// <summary>u = (top 53 bits) / 2^53, uniform in [0, 1); each value is exact in double.</summary>
    public static double UniformDouble(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));

    /// <summary>Two independent standard normals: r·cos(2πv) and r·sin(2πv) with r = √(-2·ln(1-u)).</summary>
    /// <remarks>
    /// Box and Muller, "A note on the generation of random normal deviates", 1958. u is the block's low half and v its high
    /// half; 1-u is in (0, 1], so the logarithm is finite and |z| is at most 8.58. The logarithm and the sines are the
    /// platform's: machines with another mathematics library may differ in the last bit of a double.
    /// </remarks>
    public static (double First, double Second) Normals(PhiloxBlock block)
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - UniformDouble(block.Low)));
        (double sin, double cos) = Math.SinCos(2 * Math.PI * UniformDouble(block.High));
        return (radius * cos, radius * sin);
    }

    /// <summary>floor(bits·n / 2^64), in [0, n): the probability of each value is within 2^-64 of 1/n.</summary>
    /// <remarks>Lemire, "Fast random integer generation in an interval", 2019, without the rejection step.</remarks>
    /// <param name="bits">64 random bits.</param>
    /// <param name="n">The exclusive bound; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="n"/> is less than 1.</exception>
    public static long Below(ulong bits, long n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        return (long)Math.BigMul(bits, (ulong)n, out _);
    }

    /// <summary>A key that depends on a name and a seed only, so that adding a parameter does
    /// not change the others' values.</summary>
    /// <remarks>mix(fnv1a(UTF-8 of text) ^ mix(seed + 0x9E3779B97F4A7C15)):
    /// stable across processes, machines and versions.</remarks>
    public static ulong KeyOf(string text, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Mix(Fnv1a(Encoding.UTF8.GetBytes(text)) ^ Mix(unchecked(seed + 0x9E3779B97F4A7C15)));
    }

    /// <summary>FNV-1a, 64 bits (Fowler, Noll, Vo).</summary>
    internal static ulong Fnv1a(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in bytes)
            hash = unchecked((hash ^ b) * 0x100000001B3);
        return hash;
    }

    /// <summary>The bijective finalizer of SplitMix64 (Steele, Lea, Flood, 2014):
    /// each input bit reaches each output bit.</summary>
    internal static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
