namespace AutogradCore.Kernels;

/// <summary>A device that is not there, or that was lost; the host backend is not touched by it.</summary>
public sealed class DeviceException(string message, string? hint = null, Exception? inner = null)
    : AutogradException(message, hint, inner);
