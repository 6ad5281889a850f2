namespace AutogradCore.Optim;

/// <summary>The global gradient norm and clipping by it (Pascanu et al. 2013).</summary>
/// <remarks>Squares are summed per parameter, then over parameters in order: a pipeline that gathers the per-parameter sums of
/// its stages in that order gets the same bits as one device.</remarks>
public static class GradientNorm
{
    /// <summary>Σ g² of each parameter, in order; 0 for one without a gradient.</summary>
    public static double[] Squares(IReadOnlyList<Parameter> parameters)
    {
        double[] squares = new double[parameters.Count];
        for (int i = 0; i < squares.Length; i++)
            if (parameters[i] is { AwaitsUpdate: true } p)
                squares[i] = p.Data.Backend.SquaredNorm(p.Gradient.View);
        return squares;
    }

    /// <summary>The norm from the parameters' squares, in order.</summary>
    public static double Of(ReadOnlySpan<double> squares)
    {
        double sum = 0;
        foreach (double square in squares) sum += square;
        return Math.Sqrt(sum);
    }

    /// <summary>The factor that brings a norm down to <paramref name="maximum"/>: 1 when it is below already.</summary>
    /// <param name="norm">The norm, as <see cref="Of"/> gives it: 0 or more.</param>
    /// <param name="maximum">The largest norm to keep, finite and above 0.</param>
    /// <exception cref="ModelException">The maximum lies outside its range, or the norm is negative.</exception>
    /// <exception cref="AnomalyException">The norm is NaN or infinite: no factor would repair the gradients.</exception>
    public static double Clip(double norm, double maximum)
    {
        Ranges.Positive("The largest gradient norm", maximum);
        if (norm < 0) throw new ModelException($"A gradient norm of {norm}.", "norms are 0 or more");
        if (!double.IsFinite(norm))
            throw new AnomalyException($"The gradient norm is {norm}.",
                "lower the learning rate, or find the op with DetectAnomaly");
        return norm <= maximum ? 1 : maximum / norm;
    }
}
