namespace AutogradCore.Checking;

/// <summary>How strict a gradient check is.</summary>
/// <param name="Tolerance">The largest error of a right gradient.</param>
/// <param name="Seed">Chooses the random cotangent.</param>
public sealed record GradCheckOptions(double Tolerance = 1e-8, ulong Seed = 1);
