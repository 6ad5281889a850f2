using System.Reflection;
using ILGPU.Frontend;
using ILGPU.Frontend.Intrinsic;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Functions of the BCL that kernels call, and what they become on a device: conversions that ILGPU cannot compile, and
/// functions of our own where ILGPU's own functions are approximations.</summary>
internal static class DeviceFunctions
{
    private static readonly Lock Gate = new();
    private static bool _installed;

    /// <summary>Tells ILGPU's frontend; once per process.</summary>
    public static void Install()
    {
        lock (Gate)
        {
            if (_installed) return;
            _installed = true;
            foreach ((MethodInfo from, MethodInfo to) in Table())
                RemappedIntrinsics.AddRemapping(from, (ref InvocationContext context) => context.Method = to);
        }
    }

    /// <summary>Each function and its replacement, of the same signature.</summary>
    internal static IEnumerable<(MethodInfo From, MethodInfo To)> Table()
    {
        foreach (MethodInfo to in typeof(Replacements).GetMethods(BindingFlags.Public | BindingFlags.Static))
            foreach (ReplacesAttribute replaces in to.GetCustomAttributes<ReplacesAttribute>())
                yield return (From(replaces, to), to);
    }

    private static MethodInfo From(ReplacesAttribute replaces, MethodInfo to)
    {
        Type[] parameters = [.. to.GetParameters().Select(p => p.ParameterType)];
        return replaces.Type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.NonPublic)
            .Where(m => m.Name == replaces.Method)
            .Select(m => m.IsGenericMethodDefinition && m.GetGenericArguments().Length == 1
                ? m.MakeGenericMethod(parameters[0]) : m)
            .Single(m => m.ReturnType == to.ReturnType
                && m.GetParameters().Select(p => p.ParameterType).SequenceEqual(parameters));
    }
}

/// <summary>Names the function that a method stands in for on a device.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class ReplacesAttribute(Type type, string method) : Attribute
{
    public Type Type => type;

    public string Method => method;
}
