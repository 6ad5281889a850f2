using System.Reflection;
using AutogradCore.Kernels;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Tests.Kernels.Ilgpu.Native;

/// <summary>Every kernel of the backend with the types it is launched with: float and double, and every function
/// that an op maps.</summary>
internal static class KernelCatalog
{
    private const string Namespace = "AutogradCore.Kernels.Ilgpu";

    /// <summary>All kernels: the public static method Run of each class whose name ends in Kernel.</summary>
    public static IEnumerable<MethodInfo> All() => typeof(IlgpuBackend).Assembly.GetTypes()
        .Where(type => type.Namespace == Namespace && type.Name.Split('`')[0].EndsWith("Kernel", StringComparison.Ordinal))
        .SelectMany(Closed)
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static).Where(m => m.Name == "Run"));

    private static IEnumerable<Type> Closed(Type type)
    {
        if (!type.IsGenericTypeDefinition) return [type];
        if (type == typeof(CastKernel<,,>))
            return typeof(Conversions).GetNestedTypes().Select(
                conversion => type.MakeGenericType([.. conversion.GetInterfaces().Single().GetGenericArguments(), conversion]));
        IEnumerable<Type[]> choices = [[]];
        foreach (Type parameter in type.GetGenericArguments())
            choices = choices.SelectMany(chosen => Choices(parameter).Select(choice => (Type[])[.. chosen, choice]));
        return choices.Select(chosen => type.MakeGenericType(chosen));
    }

    private static IEnumerable<Type> Choices(Type parameter)
    {
        Type? function = parameter.GetGenericParameterConstraints()
            .Select(c => c.IsGenericType ? c.GetGenericTypeDefinition() : c)
            .FirstOrDefault(c => c == typeof(IUnary<>) || c == typeof(IBinary<>));
        if (function is not null) return HasVariants(parameter.DeclaringType!) ? [typeof(Relu.Function)] : Functions(function);
        return Variant(parameter) is not { } variant ? [typeof(float), typeof(double)]
            : typeof(IlgpuBackend).Assembly.GetTypes().Where(type => type.IsValueType && type.IsAssignableTo(variant));
    }

    /// <summary>Kernels that exist in many forms are compiled with one function in each: simpler kernels have all of
    /// them.</summary>
    private static bool HasVariants(Type kernel) => kernel.GetGenericArguments().Any(parameter => Variant(parameter) is not null);

    /// <summary>The interface of the kernels' own that a type parameter asks for, if it does.</summary>
    private static Type? Variant(Type parameter) =>
        parameter.GetGenericParameterConstraints().FirstOrDefault(c => c.IsInterface && c.Namespace == Namespace);

    private static IEnumerable<Type> Functions(Type form) => typeof(IBackend).Assembly.GetTypes()
        .Where(type => type.IsValueType && !type.IsGenericTypeDefinition
            && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == form));
}
