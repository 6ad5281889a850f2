using AutogradCore.Interop;
using AutogradCore.Kernels;

namespace AutogradCore.Cli;

/// <summary>NCCL tried on the device of a backend, or why not.</summary>
/// <param name="Summary">Version and library, or the reason.</param>
/// <param name="Checks">What it did; empty when it was not tried.</param>
/// <param name="Stuck">The check that has not ended, after which the device must not be touched; or null.</param>
internal sealed record NcclTrial(string Summary, IReadOnlyList<NcclCheck> Checks, string? Stuck)
{
    /// <summary>Not tried.</summary>
    public static NcclTrial None(string reason) => new(reason, [], null);

    /// <summary>Runs the checks where the device, the library and the context are there.</summary>
    public static NcclTrial Run(IDeviceBackend backend)
    {
        if (!backend.Device.SharesContext(out string? reason)) return None($"not tried: {reason}");
        return NcclLibrary.TryOpen(out NcclLibrary? library, out reason)
            ? Run(library, new NcclOnBackend(backend))
            : None($"none: {reason}");
    }

    /// <summary>Runs the checks on a device.</summary>
    public static NcclTrial Run(NcclLibrary library, INcclDevice device, NcclSelfTestOptions? options = null)
    {
        NcclReport report = NcclSelfTest.Run(library, device, options);
        return new NcclTrial($"{report.Version} ({report.Library})", report.Checks, report.Stuck);
    }
}
