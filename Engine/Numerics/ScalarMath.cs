namespace AutogradCore;

/// <summary>Functions that the BCL lacks, to full double precision:
/// readable specifications of what vector code approximates.</summary>
public static class ScalarMath
{
    /// <summary>erf x = 2/√π ∫₀ˣ exp(-t²) dt, within about 2 ulp.</summary>
    /// <remarks>Below 3 the series 2x/√π·exp(-x²)·Σ (2x²)ⁿ/(1·3·…·(2n+1)), whose terms are all positive; above, 1 - erfc by its
    /// continued fraction (Abramowitz &amp; Stegun 7.1.6 and 7.1.14).</remarks>
    public static double Erf(double x)
    {
        double a = Math.Abs(x);
        if (double.IsNaN(x)) return x;
        if (a >= 6) return Math.Sign(x);
        double y = a < 3 ? Series(a) : 1 - Fraction(a);
        return Math.CopySign(y, x);
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

    private static double Fraction(double x)
    {
        double tail = 0;
        for (int k = 60; k >= 1; k--) tail = k / 2.0 / (x + tail);
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (x + tail);
    }
}
