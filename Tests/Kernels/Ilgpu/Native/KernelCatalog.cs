using System.Reflection;
using AutogradCore.Kernels;
using AutogradCore.Kernels.Ilgpu;
using AutogradCore.Tests.Backends;
using NUnit.Framework;

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

    /// <summary>A test for each kernel. The default run has of each generic kernel few forms in which every type argument occurs
    /// in its place; the others are <see cref="BackendCases.Exhaustive"/>.</summary>
    public static IEnumerable<TestCaseData> Cases() => Covering(form => form.GetGenericTypeDefinition());

    /// <summary>The same, but an argument has to occur in one of the kernels, and of each kernel one form.</summary>
    public static IEnumerable<TestCaseData> CasesOnce() => Covering(_ => typeof(KernelCatalog));

    /// <summary>Takes a second and more to compile.</summary>
    public static bool IsLarge(MethodInfo kernel) => kernel.DeclaringType!.Name is var name
        && (name.Contains("Mma", StringComparison.Ordinal) || name.StartsWith("RegisterGemm", StringComparison.Ordinal));

    /// <param name="where">Where an argument of a form has to occur once.</param>
    private static IEnumerable<TestCaseData> Covering(Func<Type, Type> where)
    {
        HashSet<(Type, int, Type)> seen = [];
        foreach (IGrouping<Type, MethodInfo> forms in All().GroupBy(kernel => Definition(kernel.DeclaringType!)))
        {
            HashSet<MethodInfo> chosen = [];
            while (chosen.Count == 0 || forms.Any(IsNew))
            {
                // The form with the most that is new; the first of equals.
                MethodInfo next = forms.MaxBy(form => Arguments(form, where).Count(a => !seen.Contains(a)))!;
                chosen.Add(next);
                seen.UnionWith(Arguments(next, where));
            }
            foreach (MethodInfo form in forms)
            {
                TestCaseData test = new TestCaseData(form).SetArgDisplayNames(KernelName.Of(form));
                yield return chosen.Contains(form) ? test : test.SetCategory(BackendCases.Exhaustive);
            }
        }

        bool IsNew(MethodInfo form) => !seen.IsSupersetOf(Arguments(form, where));
    }

    private static Type Definition(Type form) => form.IsGenericType ? form.GetGenericTypeDefinition() : form;

    /// <summary>The arguments of a form that have to occur. Functions occur in the small kernels: a large one calls them as those
    /// do.</summary>
    private static IEnumerable<(Type, int, Type)> Arguments(MethodInfo kernel, Func<Type, Type> where)
    {
        Type form = kernel.DeclaringType!;
        if (!form.IsGenericType) return [];
        return form.GetGenericArguments().Index()
            .Where(argument => !IsLarge(kernel) || !Is(argument.Item, typeof(IUnary<>)))
            .Select(argument => (where(form), argument.Index, argument.Item));
    }

    private static IEnumerable<Type> Closed(Type type)
    {
        if (!type.IsGenericTypeDefinition) return [type];
        if (type == typeof(CastKernel<,,>))
            return typeof(Conversions).GetNestedTypes().Select(
                conversion => type.MakeGenericType([.. conversion.GetInterfaces().Single().GetGenericArguments(), conversion]));
        IEnumerable<Dictionary<Type, Type>> choices = [[]];
        foreach (Type parameter in type.GetGenericArguments().OrderBy(p => Storage(p) is null))
            choices = choices.SelectMany(chosen => chosen.ContainsKey(parameter)
                ? [chosen]
                : Storage(parameter) is { } storage
                    ? Storages(storage).Select(choice => With(chosen, parameter, choice, storage))
                        .OfType<Dictionary<Type, Type>>()
                    : Choices(parameter).Select(choice => new Dictionary<Type, Type>(chosen) { [parameter] = choice }));
        return choices.Where(IsLaunched)
            .Select(chosen => type.MakeGenericType([.. type.GetGenericArguments().Select(p => chosen[p])]));
    }

    /// <summary>Products of floats have results in floats; rows of attention that are copied are BFloat16.</summary>
    private static bool IsLaunched(Dictionary<Type, Type> chosen) => Rounded(chosen)
        ? !chosen.ContainsValue(typeof(TensorFloat32Format)) && !chosen.ContainsValue(typeof(MmaStage))
        : !chosen.ContainsValue(typeof(CopiedAhead));

    private static bool Rounded(Dictionary<Type, Type> chosen) => chosen.ContainsValue(typeof(BFloat16Storage));

    /// <summary>The interface of storage that a type parameter asks for, if it does; it names other parameters.</summary>
    private static Type? Storage(Type parameter) => parameter.GetGenericParameterConstraints().FirstOrDefault(c => c.IsGenericType
        && new[] { typeof(IStorage<,>), typeof(IFloatStorage<>), typeof(IAsyncFormat<>), typeof(IMmaPanel<,>) }
            .Contains(c.GetGenericTypeDefinition()));

    /// <summary>All ways to store, of numbers stored as they are those of floats and doubles.</summary>
    private static IEnumerable<Type> Storages(Type form) => new[]
    {
        typeof(AsIs<float>), typeof(AsIs<double>), typeof(AsBFloat16), typeof(SingleInDouble), typeof(BFloat16InDouble),
        typeof(FloatStorage), typeof(BFloat16Storage),
        typeof(BFloat16Format), typeof(TensorFloat32Format), typeof(MmaPanel<AlongDepth>), typeof(MmaPanel<AlongOuter>),
        typeof(RoundedPanel<AlongDepth>), typeof(RoundedPanel<AlongOuter>),
    }.Where(type => Is(type, form.GetGenericTypeDefinition())
        && Is(type, typeof(IFloatStorage<>)) == (form.GetGenericTypeDefinition() == typeof(IFloatStorage<>)));

    private static bool Is(Type type, Type form) =>
        type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == form);

    /// <summary>The choice with what it says of the other parameters; null where that contradicts an earlier one.</summary>
    private static Dictionary<Type, Type>? With(Dictionary<Type, Type> chosen, Type parameter, Type choice, Type form)
    {
        Dictionary<Type, Type> more = new(chosen) { [parameter] = choice };
        Type[] means = choice.GetInterfaces()
            .Single(i => i.IsGenericType && i.GetGenericTypeDefinition() == form.GetGenericTypeDefinition())
            .GetGenericArguments();
        foreach ((Type argument, Type meant) in form.GetGenericArguments().Zip(means))
        {
            if (!argument.IsGenericParameter ? argument != meant : more.TryGetValue(argument, out Type? known) && known != meant)
                return null;
            if (argument.IsGenericParameter) more[argument] = meant;
        }
        return more;
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
    private static bool HasVariants(Type kernel) => kernel.GetGenericArguments().Any(parameter =>
        Variant(parameter) is not null || Storage(parameter)?.GetGenericTypeDefinition() == typeof(IMmaPanel<,>));

    /// <summary>The interface of the kernels' own that a type parameter asks for, if it does.</summary>
    private static Type? Variant(Type parameter) => Storage(parameter) is not null ? null
        : parameter.GetGenericParameterConstraints().FirstOrDefault(c => c.IsInterface && c.Namespace == Namespace);

    private static IEnumerable<Type> Functions(Type form) => typeof(IBackend).Assembly.GetTypes()
        .Where(type => type.IsValueType && !type.IsGenericTypeDefinition
            && Is(type, form));
}
