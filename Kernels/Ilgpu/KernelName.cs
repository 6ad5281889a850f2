using System.Reflection;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Kernels' names as messages write them.</summary>
internal static class KernelName
{
    /// <summary>The class and its type arguments: <c>MapKernel&lt;Gelu.Function,Single&gt;</c>, plus the method's where it has
    /// some.</summary>
    public static string Of(MethodInfo kernel)
    {
        Type[] arguments = [.. kernel.DeclaringType?.GetGenericArguments() ?? [], .. kernel.GetGenericArguments()];
        string name = kernel.DeclaringType?.Name.Split('`')[0] ?? kernel.Name;
        return arguments.Length == 0 ? name : $"{name}<{string.Join(",", arguments.Select(Short))}>";
    }

    private static string Short(Type type) => type.DeclaringType is { } outer ? $"{outer.Name}.{type.Name}" : type.Name;
}
