using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;

namespace AutogradCore;

/// <summary>What a module and all below it consist of at this moment: every question scans anew, so nothing can be out of
/// date.</summary>
internal sealed class ModuleScan
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = new();
    private readonly Dictionary<Module, List<(string Name, object Member)>> _members = new(ReferenceEqualityComparer.Instance);
    private readonly List<(string Path, object Value)> _others = [];
    private readonly HashSet<object> _parts = new(ReferenceEqualityComparer.Instance);
    private readonly List<Module> _modules = [];

    /// <summary>Scans from <paramref name="root"/> down.</summary>
    public ModuleScan(Module root) => Visit(root);

    /// <summary>The modules, depth first; a shared module comes once.</summary>
    public IReadOnlyList<Module> Modules => _modules;

    /// <summary>The parameters in the order of their modules; a shared parameter comes once.</summary>
    public IReadOnlyList<Parameter> Parameters =>
        [.. _modules.SelectMany(m => _members[m]).Select(m => m.Member).OfType<Parameter>().Distinct()];

    /// <summary>The parameters and modules that stand in the fields of one module, under the last part of their path.</summary>
    public IReadOnlyList<(string Name, object Member)> MembersOf(Module module) => _members[module];

    /// <summary>Looks at everything else in the fields for parameters and modules that no path leads to.</summary>
    /// <exception cref="ModelException">There is one.</exception>
    public ModuleScan RequireNothingHidden()
    {
        foreach ((string path, object value) in _others) HiddenParts.Require(path, value, _parts);
        return this;
    }

    private void Visit(Module module)
    {
        if (!_parts.Add(module)) return;
        _modules.Add(module);
        List<(string, object)> members = _members[module] = [];
        foreach (FieldInfo field in Fields.GetOrAdd(module.GetType(), FieldsBaseFirst))
            if (field.GetValue(module) is { } value)
                Collect(NameOf(field), value, $"{field.DeclaringType!.Name}.", members, []);
        foreach ((_, object member) in members)
        {
            if (member is Module child) Visit(child);
            else _parts.Add(member);
        }
    }

    private void Collect(string name, object value, string owner, List<(string, object)> members, List<object> within)
    {
        if (value is Parameter or Module)
        {
            members.Add((name, value));
            return;
        }
        if (!HiddenParts.CanBeIn(value.GetType()) || IsUnset(value)) return;
        IList? list = value as IList;
        if (list is null || !HiddenParts.IsOfSystem(value.GetType())) _others.Add((owner + name, value));
        if (list is null || within.Contains(list, ReferenceEqualityComparer.Instance)) return;
        List<object> below = [.. within, list];
        int i = 0;
        foreach (object? element in list)
        {
            if (element is not null) Collect($"{name}.{i}", element, owner, members, below);
            i++;
        }
    }

    /// <summary>A list without memory, which may not even be counted: <c>default(ImmutableArray)</c>.</summary>
    private static bool IsUnset(object value) =>
        value is IList and ValueType && value.Equals(Activator.CreateInstance(value.GetType()));

    private static FieldInfo[] FieldsBaseFirst(Type type)
    {
        Stack<Type> chain = new();
        for (Type? t = type; t is not null && t != typeof(Module); t = t.BaseType) chain.Push(t);
        const BindingFlags own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        return [.. chain.SelectMany(t => t.GetFields(own).OrderBy(f => f.MetadataToken))];
    }

    /// <summary>The path part of a field: <c>_up</c>, <c>Up</c> and the property <c>Up</c> are all <c>up</c>.</summary>
    private static string NameOf(FieldInfo field)
    {
        string name = field.Name.StartsWith('<')
            ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)]
            : field.Name.TrimStart('_');
        if (name.Length == 0) name = field.Name;
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
