using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace AutogradCore;

/// <summary>Finds parameters and modules that are reached from a module's field by other ways than fields, arrays and
/// lists.</summary>
internal static class HiddenParts
{
    /// <summary>How many objects below one field are looked at: enough for any model, and an end where a field leads to a whole
    /// program.</summary>
    private const int MaxObjects = 1 << 20;

    private const string Hint = "keep parameters and modules in fields, arrays or lists of a module";
    private const BindingFlags Own =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = new();

    /// <summary>Walks all objects below <paramref name="root"/>: fields, elements, and what delegates have captured.</summary>
    /// <exception cref="ModelException">One of them is a part that is not <paramref name="registered"/>, or will hold one
    /// later.</exception>
    public static void Require(string path, object root, HashSet<object> registered)
    {
        HashSet<object> visited = new(ReferenceEqualityComparer.Instance);
        Queue<(string Path, object Value)> waiting = new([(path, root)]);
        bool any = false;
        while (visited.Count < MaxObjects && waiting.TryDequeue(out (string Path, object Value) next))
        {
            if (next.Value is Parameter or Module)
            {
                any = true;
                if (registered.Contains(next.Value)) continue;
                throw new ModelException($"{Short(next.Path)} is a {next.Value.GetType().Name} that would be forgotten: " +
                    "no path of fields, arrays and lists leads to it.", Hint);
            }
            if (!CanBeIn(next.Value.GetType()) || !visited.Add(next.Value)) continue;
            foreach ((string step, object? value) in Below(next.Value))
                if (value is not null) waiting.Enqueue((next.Path + step, value));
        }
        if (!any && PromisesParts(root.GetType()))
            throw new ModelException($"{path} of type {root.GetType().Name} may hide parameters.", Hint);
    }

    /// <summary>Whether an object of exactly this type can lead to a part.</summary>
    public static bool CanBeIn(Type type)
    {
        if (IsPart(type) || type.IsSubclassOf(typeof(Delegate))) return true;
        if (type.IsArray) return CanBeBehind(type.GetElementType()!);
        return !IsClosed(type) && FieldsOf(type).Length > 0;
    }

    /// <summary>Whether the type comes with .NET.</summary>
    public static bool IsOfSystem(Type type) =>
        type.IsArray || type.Namespace is { } name && (name == "System" || name.StartsWith("System.", StringComparison.Ordinal));

    private static IEnumerable<(string Step, object? Value)> Below(object value)
    {
        switch (value)
        {
            case Delegate function:
                return function.GetInvocationList().Select(f => (".Target", f.Target));
            case Array array:
                return array.Cast<object?>().Select((element, i) => ($"[{i}]", element));
            case IDictionary dictionary when IsOfSystem(value.GetType()):
                return Entries(dictionary);
            default:
                return FieldsOf(value.GetType()).Select(field => ($".{NameOf(field)}", field.GetValue(value)));
        }
    }

    private static IEnumerable<(string Step, object? Value)> Entries(IDictionary dictionary)
    {
        foreach (DictionaryEntry entry in dictionary)
        {
            yield return ($".Keys[{entry.Key}]", entry.Key);
            yield return ($"[{entry.Key}]", entry.Value);
        }
    }

    /// <summary>Whether a field of this declared type can lead to a part; of classes, only what the declaration alone can
    /// tell.</summary>
    private static bool CanBeBehind(Type declared)
    {
        while (declared.IsArray)
        {
            declared = declared.GetElementType()!;
            if (!declared.IsArray) return !declared.IsPointer && (IsOpen(declared) || !IsClosed(declared));
        }
        if (declared.IsPointer) return false;
        return declared.IsValueType ? CanBeIn(declared) : IsOpen(declared) || !IsClosed(declared);
    }

    /// <summary>Whether objects of any type can stand where this one is declared.</summary>
    private static bool IsOpen(Type declared) => declared == typeof(object) || declared.IsInterface || declared.IsAbstract
        || IsPart(declared) || declared.IsSubclassOf(typeof(Delegate));

    /// <summary>Types whose objects lead to none, or whose insides are no model's: this library's own, and those of .NET that
    /// hold no objects of other types.</summary>
    private static bool IsClosed(Type type) => type.IsPrimitive || type.IsEnum || type.IsPointer || type == typeof(string)
        || type.Assembly == typeof(Module).Assembly
        || typeof(IBackend).IsAssignableFrom(type)
        || (IsOfSystem(type) && !type.IsGenericType
            && !type.Namespace!.StartsWith("System.Collections", StringComparison.Ordinal));

    private static FieldInfo[] FieldsOf(Type type) => Fields.GetOrAdd(type, static type =>
    {
        List<FieldInfo> fields = [];
        for (Type? t = type; t is not null; t = t.BaseType)
            fields.AddRange(t.GetFields(Own).Where(f => CanBeBehind(f.FieldType)));
        return [.. fields];
    });

    /// <summary>Containers that are empty now, and will hold parts when it is too late.</summary>
    private static bool PromisesParts(Type type) => type.IsGenericType && type.GetGenericArguments().Any(HoldsParts)
        && (typeof(IEnumerable).IsAssignableFrom(type) || typeof(ITuple).IsAssignableFrom(type)
            || type.GetGenericTypeDefinition() == typeof(Lazy<>));

    private static bool HoldsParts(Type type) => IsPart(type)
        || (type.IsArray && HoldsParts(type.GetElementType()!))
        || (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) && type.GetGenericArguments().Any(HoldsParts));

    private static bool IsPart(Type type) => typeof(Parameter).IsAssignableFrom(type) || typeof(Module).IsAssignableFrom(type);

    private static string NameOf(FieldInfo field) =>
        field.Name.StartsWith('<') && field.Name.IndexOf('>', StringComparison.Ordinal) is > 1 and int end
            ? field.Name[1..end]
            : field.Name;

    private static string Short(string path) => path.Length <= 160 ? path : $"{path[..80]} ... {path[^60..]}";
}
