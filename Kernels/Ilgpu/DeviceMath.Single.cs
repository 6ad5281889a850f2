namespace AutogradCore.Kernels.Ilgpu;

/// <summary>
/// Functions for kernels, right to about two units in the last place where ILGPU's own are approximations (float) or long loops
/// (double). Plain multiplications and additions, which a device may fuse.
/// </summary>
/// <remarks>Coefficients: exp and tanh from Cephes (Moshier 1989), log from fdlibm (Sun 1993), the normal distribution as in
/// <see cref="VectorMath"/>.</remarks>
internal static partial class DeviceMath
{
    /// <summary>exp x: 2^n·e^r with |r| at most ln 2 / 2.</summary>
    public static float Exp(float x)
    {
        if (float.IsNaN(x)) return x;
        if (x > 88.722839f) return float.PositiveInfinity;
        if (x < -103.972084f) return 0;
        float n = MathF.Floor(x * 1.44269504f + 0.5f);
        float r = x - n * 0.693145752f - n * 1.42860677e-6f;
        float p = 1.9875691500e-4f;
        p = p * r + 1.3981999507e-3f;
        p = p * r + 8.3334519073e-3f;
        p = p * r + 4.1665795894e-2f;
        p = p * r + 1.6666665459e-1f;
        p = p * r + 5.0000001201e-1f;
        return Scale(p * r * r + r + 1, (int)n);
    }

    /// <summary>log x: ln 2·k + log(1 + f) with 1 + f between √½ and √2.</summary>
    public static float Log(float x)
    {
        if (float.IsNaN(x) || x == float.PositiveInfinity) return x;
        if (x < 0) return float.NaN;
        if (x == 0) return float.NegativeInfinity;
        int k = -127;
        if (x < 1.17549435e-38f)
        {
            x *= 8388608f;
            k -= 23;
        }
        int bits = BitConverter.SingleToInt32Bits(x);
        k += bits >> 23;
        float f = BitConverter.Int32BitsToSingle((bits & 0x007FFFFF) | 0x3F800000);
        if (f > 1.41421356f)
        {
            f *= 0.5f;
            k++;
        }
        f -= 1;
        float s = f / (2 + f), z = s * s, w = z * z;
        float even = w * (0.40000972152f + w * 0.24279078841f), odd = z * (0.66666662693f + w * 0.28498786688f);
        float half = 0.5f * f * f;
        return k * 0.693138123f - (half - (s * (half + (odd + even)) + k * 9.05800061e-6f) - f);
    }

    /// <summary>tanh x: an odd polynomial near 0, 1 - 2/(e^2x + 1) elsewhere.</summary>
    public static float Tanh(float x)
    {
        float size = MathF.Abs(x);
        if (size < 0.625f)
        {
            float z = x * x, p = -5.70498872745e-3f;
            p = p * z + 2.06390887954e-2f;
            p = p * z - 5.37397155531e-2f;
            p = p * z + 1.33314422036e-1f;
            p = p * z - 3.33332819422e-1f;
            return p * z * x + x;
        }
        float y = 1 - 2 / (Exp(2 * size) + 1);
        return x < 0 ? -y : y;
    }

    /// <summary>Φ(x) = 1 - exp(-x²/2)·R(x) on the right, where R is a quotient of polynomials; the mirror image on the
    /// left.</summary>
    public static float NormalCdf(float x)
    {
        float minus = -MathF.Abs(x);
        if (minus < -14.5f) minus = -14.5f;
        float p = 0.00401433228f;
        p = p * minus - 0.0400123115f;
        p = p * minus + 0.181501188f;
        p = p * minus - 0.436127797f;
        p = p * minus + 0.5f;
        float q = -0.010062318f;
        q = q * minus + 0.100302584f;
        q = q * minus - 0.464864075f;
        q = q * minus + 1.19557878f;
        q = q * minus - 1.67014036f;
        q = q * minus + 1;
        // The square in two pieces, since an exponent of 100 would lose many places with the last bits of one.
        double square = (double)minus * minus;
        float high = (float)(-0.5 * square), low = (float)(-0.5 * square - high);
        float tail = p / q * Exp(high) * (1 + low);
        return x > 0 ? 1 - tail : tail;
    }

    /// <summary>The larger; NaN if one is.</summary>
    public static float Max(float a, float b) => a > b || float.IsNaN(a) ? a : b;

    /// <summary>The smaller; NaN if one is.</summary>
    public static float Min(float a, float b) => a < b || float.IsNaN(a) ? a : b;

    /// <summary>x between two bounds; NaN stays.</summary>
    public static float Clamp(float x, float low, float high) => x < low ? low : x > high ? high : x;

    /// <summary>y·2^n in two steps, so that results below the normal range come out right.</summary>
    private static float Scale(float y, int n)
    {
        int half = n >> 1;
        return y * BitConverter.Int32BitsToSingle((half + 127) << 23) * BitConverter.Int32BitsToSingle((n - half + 127) << 23);
    }
}
