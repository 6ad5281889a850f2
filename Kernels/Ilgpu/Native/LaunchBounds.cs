using System.Reflection;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What a kernel's <see cref="LaunchBoundsAttribute"/> says, for ILGPU.</summary>
internal static class LaunchBounds
{
    /// <summary>The bounds of a kernel; none where it names none, or computes in doubles.</summary>
    public static KernelSpecialization Of(MethodInfo kernel)
    {
        Type type = kernel.DeclaringType!;
        return type.GetCustomAttribute<LaunchBoundsAttribute>() is { } bounds
            && !type.GetGenericArguments().Contains(typeof(double))
            ? new KernelSpecialization(bounds.Lanes, bounds.Groups)
            : KernelSpecialization.Empty;
    }
}
