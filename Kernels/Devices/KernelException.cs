namespace AutogradCore.Kernels;

/// <summary>A kernel that could not be launched, or failed: names the kernel and the shape of its launch.</summary>
public class KernelException(string message, string? hint = null, Exception? inner = null)
    : AutogradException(message, hint, inner);
