namespace AutogradCore.Interop;

/// <summary>What <see cref="NcclSelfTest"/> found.</summary>
/// <param name="Library">The library that was loaded.</param>
/// <param name="Version">Its version.</param>
/// <param name="Checks">All checks, in their order.</param>
/// <param name="Stuck">The check that has not ended yet, or null. Then its thread and the device's memory are left to the end
/// of the process: to touch the device again might wait for ever.</param>
public sealed record NcclReport(string Library, string Version, IReadOnlyList<NcclCheck> Checks, string? Stuck)
{
    /// <summary>Whether nothing failed; what was skipped has a reason.</summary>
    public bool Passed => !Checks.Any(check => check.Failed);
}
