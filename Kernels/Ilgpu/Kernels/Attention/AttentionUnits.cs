namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Scores in units of ln 2, so that their exponentials are powers of two: score·Sign·Factor.</summary>
/// <remarks>Idea: a weight 2^(score·factor - shift) is one multiply-add, rounded once, so that large scores lose nothing to a
/// product rounded before. The factor is a float; what its rounding does to a score, it does to the shift as well, which is
/// made with the same factor.</remarks>
internal struct AttentionUnits
{
    /// <summary>|scale|·log₂ e as a float; 1 where the scale is 0.</summary>
    public float Factor;

    /// <summary>The sign of the scale: -1, 0 or 1.</summary>
    public float Sign;

    /// <summary>What takes a largest score in these units back to natural ones.</summary>
    public double ToNatural;

    /// <summary>What takes a log-sum to these units.</summary>
    public double FromNatural;

    /// <summary>Factor and sign together.</summary>
    public readonly float Signed => Sign * Factor;

    /// <summary>The units of a scale.</summary>
    public static AttentionUnits Of(double scale)
    {
        const double log2E = 1.4426950408889634;
        float factor = scale == 0 ? 1 : (float)(Math.Abs(scale) * log2E);
        return new()
        {
            Factor = factor,
            Sign = Math.Sign(scale),
            ToNatural = Math.Abs(scale) / factor,
            FromNatural = scale == 0 ? log2E : factor / Math.Abs(scale),
        };
    }

    /// <summary>The log-sum of a row, from its largest score in these units and Σ 2^(score - largest); -∞ of a row that saw
    /// nothing.</summary>
    public readonly double LogSum(float largest, float sum) =>
        largest == float.NegativeInfinity ? double.NegativeInfinity : largest * ToNatural + Math.Log((double)sum);
}
