using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace AutogradCore;

/// <summary>
/// A part of a model: parameters and smaller modules in its fields and properties, found by themselves, so that none can be
/// forgotten. Names are paths of field names: <c>blocks.0.mlp.up.weight</c>.
/// </summary>
/// <remarks>Parameters and modules may stand in fields directly, or in arrays and lists. Anything else that hides one is an error.
/// Members are taken base class first, then in order of declaration.</remarks>
public abstract class Module : IDisposable
{
    private List<(string Name, object Member)>? _members;

    /// <summary>Whether dropout and the like are active; set for a whole model with <see cref="Train"/>.</summary>
    public bool IsTraining { get; private set; } = true;

    /// <summary>The path of this module in its model; empty for the model itself.</summary>
    public string Path { get; private set; } = "";

    /// <summary>A number that is this module's own within a run, drawn from its path: the key of its random numbers.</summary>
    public ulong RandomKey => Philox.KeyOf(Path, 0);

    /// <summary>Records the module's computation and returns its result.</summary>
    public abstract Value Forward(Value x);

    /// <summary>All parameters, depth first, in order of declaration; a shared parameter comes once.</summary>
    public IReadOnlyList<Parameter> Parameters()
    {
        List<Parameter> found = [];
        HashSet<Parameter> seen = [];
        foreach (Module module in Modules())
            foreach ((_, object member) in module.Members())
                if (member is Parameter p && seen.Add(p)) found.Add(p);
        return found;
    }

    /// <summary>This module and all below it, depth first; a shared module comes once.</summary>
    public IReadOnlyList<Module> Modules()
    {
        List<Module> found = [];
        Visit(this, found, []);
        return found;

        static void Visit(Module module, List<Module> found, HashSet<Module> seen)
        {
            if (!seen.Add(module)) return;
            found.Add(module);
            foreach ((_, object member) in module.Members())
                if (member is Module child) Visit(child, found, seen);
        }
    }

    /// <summary>The number of parameter elements, shared ones once.</summary>
    public long ParameterCount => Parameters().Sum(p => (long)p.Shape.ElementCount);

    /// <summary>Gives all parameters names, memory on <paramref name="backend"/> and first values drawn from name and seed.</summary>
    /// <exception cref="ModelException">Some are initialised already, or two parts of the model have one name.</exception>
    public void Initialize(IBackend backend, ulong seed, DType dtype = DType.Float32)
    {
        foreach (Parameter parameter in Parameters()) parameter.RequireUninitialized();
        AssignNames();
        foreach (Parameter parameter in Parameters()) parameter.Initialize(backend, seed, dtype);
    }

    /// <summary>Names every module and parameter below by its path, starting with <paramref name="path"/>. The first path to a shared one names it.</summary>
    /// <exception cref="ModelException">Two parts of the model have one name.</exception>
    public void AssignNames(string path = "")
    {
        HashSet<object> named = [];
        HashSet<string> names = [];
        Name(this, path);

        void Name(Module module, string path)
        {
            if (!named.Add(module)) return;
            module.Path = path;
            foreach ((string name, object member) in module.Members())
            {
                string full = path.Length == 0 ? name : $"{path}.{name}";
                if (named.Contains(member)) continue;
                if (!names.Add(full))
                    throw new ModelException($"Two parts of {module.GetType().Name} are called '{full}'.", "rename one of the fields or properties");
                if (member is Parameter p && named.Add(p)) p.Name = full;
                else if (member is Module child) Name(child, full);
            }
        }
    }

    /// <summary>Switches training behaviour, such as dropout, on or off for this module and all below it; takes effect when operations are recorded.</summary>
    public void Train(bool training = true)
    {
        foreach (Module module in Modules()) module.IsTraining = training;
    }

    /// <summary>Frees all parameters.</summary>
    public virtual void Dispose()
    {
        foreach (Parameter parameter in Parameters()) parameter.Dispose();
        GC.SuppressFinalize(this);
    }

    private List<(string Name, object Member)> Members()
    {
        if (_members is not null) return _members;
        List<(string, object)> members = [];
        foreach (FieldInfo field in FieldsBaseFirst(GetType()))
        {
            object? value = field.GetValue(this);
            if (value is null) continue;
            Collect(NameOf(field), value, field, members);
        }
        return _members = members;
    }

    private static void Collect(string name, object value, FieldInfo field, List<(string, object)> members)
    {
        switch (value)
        {
            case Parameter or Module:
                members.Add((name, value));
                break;
            case IList list when HoldsParts(list.GetType()) || list.OfType<object>().Any(IsPart):
                for (int i = 0; i < list.Count; i++)
                    if (list[i] is { } part) Collect($"{name}.{i}", part, field, members);
                break;
            case not string when HidesParts(field.FieldType) || HidesParts(value.GetType()) || HidesParts(value):
                throw new ModelException($"{field.DeclaringType!.Name}.{NameOf(field)} of type {field.FieldType.Name} may hide parameters.",
                    "keep parameters and modules in fields, arrays or lists");
        }
    }

    private static bool IsPart(object? value) => value is Parameter or Module;

    /// <summary>What no type tells: parts behind interfaces in tuples and dictionaries.</summary>
    private static bool HidesParts(object value) => value switch
    {
        ITuple tuple => Enumerable.Range(0, tuple.Length).Any(i => IsPart(tuple[i])),
        IDictionary dictionary => dictionary.Values.Cast<object?>().Any(IsPart),
        _ => false,
    };

    private static bool IsPart(Type type) => typeof(Parameter).IsAssignableFrom(type) || typeof(Module).IsAssignableFrom(type);

    private static bool HoldsParts(Type list) =>
        (list.IsArray && (IsPart(list.GetElementType()!) || HoldsParts(list.GetElementType()!)))
        || (list.IsGenericType && list.GetGenericArguments().Any(a => IsPart(a) || HoldsParts(a)));

    private static bool HidesParts(Type type) =>
        typeof(IEnumerable).IsAssignableFrom(type) && type.IsGenericType && type.GetGenericArguments().Any(IsPart)
        || (type.IsGenericType && type.Name.StartsWith("ValueTuple", StringComparison.Ordinal) && type.GetGenericArguments().Any(IsPart))
        || (type.IsGenericType && type.Name.StartsWith("Tuple", StringComparison.Ordinal) && type.GetGenericArguments().Any(IsPart));

    private static IEnumerable<FieldInfo> FieldsBaseFirst(Type type)
    {
        Stack<Type> chain = new();
        for (Type? t = type; t is not null && t != typeof(Module); t = t.BaseType) chain.Push(t);
        const BindingFlags own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        return chain.SelectMany(t => t.GetFields(own).OrderBy(f => f.MetadataToken));
    }

    /// <summary>The path part of a field: <c>_up</c>, <c>Up</c> and the property <c>Up</c> are all <c>up</c>.</summary>
    private static string NameOf(FieldInfo field)
    {
        string name = field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name.TrimStart('_');
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
