namespace AutogradCore.Interop;

/// <summary>Whether a native library can be used here. A missing library is a value, not an error.</summary>
/// <param name="Name">What it is called in messages: <c>CUDA driver</c>, <c>NCCL</c>, <c>MPI</c>.</param>
/// <param name="IsAvailable">Whether it was loaded and answered.</param>
/// <param name="Library">The file name that was loaded, or null.</param>
/// <param name="Version">What it says its version is, or null.</param>
/// <param name="Reason">Why it cannot be used, or null.</param>
public sealed record NativeProbe(string Name, bool IsAvailable, string? Library, string? Version, string? Reason)
{
    internal static NativeProbe Missing(string name, string reason) => new(name, false, null, null, reason);
}
