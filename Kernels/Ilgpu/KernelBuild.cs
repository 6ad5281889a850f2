using System.Reflection;

namespace AutogradCore.Kernels;

/// <summary>How the GPU kernels of this build were compiled, and why.</summary>
public static class KernelBuild
{
    /// <summary>Why the kernels compile against ILGPU, or against the emulator: the build's own words.</summary>
    public static string Reason { get; } = typeof(KernelBuild).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "IlgpuReason").Value!;
}
