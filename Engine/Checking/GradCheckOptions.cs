namespace AutogradCore.Checking;

/// <summary>How strict a gradient check is.</summary>
/// <param name="Tolerance">The largest error of a right gradient, finite and 0 or more.</param>
/// <param name="Seed">Chooses the random cotangent.</param>
public sealed record GradCheckOptions(double Tolerance = 1e-8, ulong Seed = 1)
{
    /// <summary>The largest error of a right gradient, finite and 0 or more.</summary>
    /// <exception cref="ModelException">It lies outside its range.</exception>
    public double Tolerance { get; init => field = Ranges.NotNegative(nameof(Tolerance), value); } =
        Ranges.NotNegative(nameof(Tolerance), Tolerance);
}
