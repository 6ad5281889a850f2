namespace AutogradCore.Kernels.Ilgpu;

internal static partial class DeviceMath
{
    /// <inheritdoc cref="Exp(float)"/>
    public static double Exp(double x)
    {
        if (double.IsNaN(x)) return x;
        if (x > 709.782712893384) return double.PositiveInfinity;
        if (x < -745.13321910194122) return 0;
        double n = Math.Floor(x * 1.4426950408889634 + 0.5);
        double r = x - n * 6.93145751953125e-1 - n * 1.42860682030941723212e-6, z = r * r;
        double p = r * ((1.26177193074810590878e-4 * z + 3.02994407707441961300e-2) * z + 9.99999999999999999910e-1);
        double q = ((3.00198505138664455042e-6 * z + 2.52448340349684104192e-3) * z + 2.27265548208155028766e-1) * z + 2;
        return Scale(1 + 2 * (p / (q - p)), (int)n);
    }

    /// <inheritdoc cref="Log(float)"/>
    public static double Log(double x)
    {
        if (double.IsNaN(x) || x == double.PositiveInfinity) return x;
        if (x < 0) return double.NaN;
        if (x == 0) return double.NegativeInfinity;
        int k = -1023;
        if (x < 2.2250738585072014e-308)
        {
            x *= 18014398509481984.0;
            k -= 54;
        }
        long bits = BitConverter.DoubleToInt64Bits(x);
        k += (int)(bits >> 52);
        double f = BitConverter.Int64BitsToDouble((bits & 0x000FFFFFFFFFFFFFL) | 0x3FF0000000000000L);
        if (f > 1.4142135623730951)
        {
            f *= 0.5;
            k++;
        }
        f -= 1;
        double s = f / (2 + f), z = s * s, w = z * z;
        double even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
        double odd = z * (6.666666666666735130e-1
            + w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
        double half = 0.5 * f * f;
        return k * 6.93147180369123816490e-1 - (half - (s * (half + (odd + even)) + k * 1.90821492927058770002e-10) - f);
    }

    /// <inheritdoc cref="Tanh(float)"/>
    public static double Tanh(double x)
    {
        double size = Math.Abs(x);
        if (size < 0.625)
        {
            double z = x * x;
            double p = (-9.64399179425052238628e-1 * z - 9.92877231001918586564e1) * z - 1.61468768441708447952e3;
            double q = ((z + 1.12811678491632931402e2) * z + 2.23548839060100448583e3) * z + 4.84406305325125486048e3;
            return x + x * (z * (p / q));
        }
        double y = 1 - 2 / (Exp(2 * size) + 1);
        return x < 0 ? -y : y;
    }

    /// <inheritdoc cref="NormalCdf(float)"/>
    public static double NormalCdf(double x)
    {
        double minus = -Math.Abs(x);
        if (minus < -38.8) minus = -38.8;
        double p = 2.0282381703204444e-07;
        p = p * minus - 6.426808009245296e-06;
        p = p * minus + 9.959906916289646e-05;
        p = p * minus - 0.0009833341258888176;
        p = p * minus + 0.006805977076913802;
        p = p * minus - 0.034389364390420424;
        p = p * minus + 0.12834685275330485;
        p = p * minus - 0.34991644041096104;
        p = p * minus + 0.6701327233746281;
        p = p * minus - 0.8219592851148714;
        p = p * minus + 0.5;
        double q = -5.084039145409817e-07;
        q = q * minus + 1.6109618671629695e-05;
        q = q * minus - 0.0002501662468018324;
        q = q * minus + 0.002480962742257157;
        q = q * minus - 0.01730869560245256;
        q = q * minus + 0.08863398734523438;
        q = q * minus - 0.3382836647382312;
        q = q * minus + 0.9585433474605567;
        q = q * minus - 1.9698278159550342;
        q = q * minus + 2.7885424655202695;
        q = q * minus - 2.441803131032608;
        q = q * minus + 1;
        // The square in two pieces (Dekker 1971): its high half exactly representable, the rest as a factor near one.
        double upper = minus * 134217729.0, top = upper - (upper - minus), rest = minus - top;
        double square = minus * minus, lost = top * top - square + 2 * top * rest + rest * rest;
        double tail = p / q * Exp(-0.5 * square) * (1 - 0.5 * lost);
        return x > 0 ? 1 - tail : tail;
    }

    /// <inheritdoc cref="Max(float, float)"/>
    public static double Max(double a, double b) => a > b || double.IsNaN(a) ? a : b;

    /// <inheritdoc cref="Min(float, float)"/>
    public static double Min(double a, double b) => a < b || double.IsNaN(a) ? a : b;

    /// <inheritdoc cref="Clamp(float, float, float)"/>
    public static double Clamp(double x, double low, double high) => x < low ? low : x > high ? high : x;

    /// <inheritdoc cref="Scale(float, int)"/>
    private static double Scale(double y, int n)
    {
        int half = n >> 1;
        return y * BitConverter.Int64BitsToDouble((half + 1023L) << 52)
            * BitConverter.Int64BitsToDouble((n - half + 1023L) << 52);
    }
}
