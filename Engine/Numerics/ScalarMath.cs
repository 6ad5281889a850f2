namespace AutogradCore;

/// <summary>Functions that the BCL lacks, to full double precision:
/// readable specifications of what vector code approximates.</summary>
public static class ScalarMath
{
    /// <summary>erf x = 2/√π ∫₀ˣ exp(-t²) dt, within 1e-15 of itself.</summary>
    /// <remarks>Below 3 the series 2x/√π·exp(-x²)·Σ (2x²)ⁿ/(1·3·…·(2n+1)), whose terms are all positive; above, 1 - erfc by its
    /// continued fraction (Abramowitz &amp; Stegun 7.1.6 and 7.1.14).</remarks>
    public static double Erf(double x)
    {
        double a = Math.Abs(x);
        if (double.IsNaN(x)) return x;
        if (a >= 6) return Math.Sign(x);
        double y = a < 3 ? Series(a) : 1 - Math.Exp(-a * a) * Fraction(a);
        return Math.CopySign(y, x);
    }

    /// <summary>Φ(x), the share of the standard normal distribution below x, within about 1e-14 of itself also where it is
    /// tiny.</summary>
    /// <remarks>For negative x half of erfc(-x/√2), by its continued fraction where the difference 1 - erf would
    /// cancel.</remarks>
    public static double NormalCdf(double x)
    {
        double t = -x * Math.Sqrt(0.5);
        if (t < 1 || double.IsNaN(x)) return 0.5 * (1 - Erf(t));
        if (t > 28) return 0;
        double square = x * x, lost = Math.FusedMultiplyAdd(x, x, -square);
        return 0.5 * Math.Exp(-square / 2) * (1 - lost / 2) * Fraction(t);
    }

    private static double Series(double x)
    {
        double twoSquare = 2 * x * x, term = 1, sum = 1;
        for (int n = 1; term > sum * 1e-17; n++)
        {
            term *= twoSquare / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.Sqrt(Math.PI) * x * Math.Exp(-x * x) * sum;
    }

    /// <summary>exp(x²)·erfc(x) for x >= 1.</summary>
    private static double Fraction(double x)
    {
        double tail = 0;
        for (int k = 20 + (int)(240 / (x * x)); k >= 1; k--) tail = k / 2.0 / (x + tail);
        return 1 / (Math.Sqrt(Math.PI) * (x + tail));
    }
}
