using System.Reflection;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What a kernel's <see cref="LaunchBoundsAttribute"/> says, for ILGPU.</summary>
internal static class LaunchBounds
{
    /// <summary>The bounds of a kernel; none where neither it nor its shape names any, or it computes in doubles.</summary>
    public static KernelSpecialization Of(MethodInfo kernel)
    {
        Type type = kernel.DeclaringType!;
        Type[] over = type.GetGenericArguments();
        LaunchBoundsAttribute? bounds = over.Prepend(type)
            .Select(t => t.GetCustomAttribute<LaunchBoundsAttribute>()).FirstOrDefault(found => found is not null);
        return bounds is null || over.Contains(typeof(double))
            ? KernelSpecialization.Empty : new KernelSpecialization(bounds.Lanes, bounds.Groups);
    }
}
