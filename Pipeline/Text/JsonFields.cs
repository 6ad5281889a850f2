using System.Collections.Immutable;
using System.Text.Json;

namespace AutogradCore.Pipeline;

/// <summary>One JSON object with known keys: whatever is missing, misspelt, repeated, of another type or out of range is an error
/// that names the key.</summary>
internal readonly struct JsonFields
{
    private readonly JsonElement _object;
    private readonly string _what;

    private JsonFields(JsonElement element, string what) => (_object, _what) = (element, what);

    /// <summary>Parses a text and reads its value.</summary>
    /// <param name="json">The whole text.</param>
    /// <param name="what">What it should be, for errors: <c>costs</c>.</param>
    /// <param name="hint">What to give instead of a text that is no JSON.</param>
    /// <param name="read">Reads the value.</param>
    /// <exception cref="ScheduleFormatException">The text is no JSON; or what <paramref name="read"/> throws.</exception>
    internal static T Parse<T>(string json, string what, string hint, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new ScheduleFormatException(FormattableString.Invariant(
                $"The {what} are no JSON from line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1} on."), hint, e);
        }
        catch (InvalidOperationException e) // Escapes such as \ud800 pass the parser and make no text.
        {
            throw new ScheduleFormatException($"The {what} have an escape that is no character.", hint, e);
        }
    }

    /// <summary>An object that may have these keys alone.</summary>
    /// <param name="element">The object.</param>
    /// <param name="what">What it is, for errors: <c>link 2</c>.</param>
    /// <param name="known">Its keys.</param>
    /// <exception cref="ScheduleFormatException">It is no object, or has another key, or a key twice.</exception>
    internal static JsonFields Of(JsonElement element, string what, params ReadOnlySpan<string> known)
    {
        var fields = Open(element, what);
        var seen = 0UL;
        foreach (var property in element.EnumerateObject())
        {
            var at = known.IndexOf(property.Name);
            if (at < 0)
                throw new ScheduleFormatException($"{what} has the unknown key '{Short(property.Name)}'.",
                    NearestWord.To(property.Name, known) is { } near
                        ? $"did you mean '{near}'?"
                        : $"the keys are {string.Join(", ", known)}.");
            if ((seen & 1UL << at) != 0)
                throw new ScheduleFormatException($"{what} has the key '{property.Name}' twice.", "leave one of them.");
            seen |= 1UL << at;
        }
        return fields;
    }

    /// <summary>An object that may have other keys besides those asked for.</summary>
    /// <exception cref="ScheduleFormatException">It is no object.</exception>
    internal static JsonFields Open(JsonElement element, string what) => element.ValueKind == JsonValueKind.Object
        ? new(element, what)
        : throw new ScheduleFormatException($"{what} is {Shown(element)}.", "an object is needed there.");

    /// <summary>Whether the key is there with a value other than null.</summary>
    internal bool Has(string key) => _object.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>The value of a key that must be there.</summary>
    internal JsonElement this[string key]
    {
        get
        {
            if (_object.TryGetProperty(key, out var value))
                return value;
            var near = NearestWord.To(key, [.. _object.EnumerateObject().Select(property => property.Name)]);
            throw new ScheduleFormatException($"{_what} has no '{key}'.",
                near is null ? $"'{key}' is needed." : $"is '{Short(near)}' meant to be '{key}'?");
        }
    }

    /// <summary>The text of a key.</summary>
    internal string Text(string key) => this[key] is { ValueKind: JsonValueKind.String } value
        ? value.GetString()!
        : throw Wrong(key, "a text");

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    internal long Whole(string key, long least = 0, long most = long.MaxValue) =>
        IsWhole(this[key], out var number) && number >= least && number <= most
            ? number
            : throw Wrong(key, $"a whole number from {least} to {most}");

    /// <summary>A finite number.</summary>
    internal double Real(string key) => IsFinite(this[key], out var number) ? number : throw Wrong(key, "a finite number");

    /// <summary>A list of finite numbers.</summary>
    internal ImmutableArray<double> Reals(string key)
    {
        var numbers = ImmutableArray.CreateBuilder<double>();
        foreach (var element in List(key))
            numbers.Add(IsFinite(element, out var number)
                ? number
                : throw new ScheduleFormatException(
                    $"{_what}: '{key}' has {Shown(element)} at {numbers.Count}.", "finite numbers are needed there."));
        return numbers.DrainToImmutable();
    }

    /// <summary>A list of whole numbers from 0 on.</summary>
    internal ImmutableArray<long> Wholes(string key)
    {
        var numbers = ImmutableArray.CreateBuilder<long>();
        foreach (var element in List(key))
            numbers.Add(IsWhole(element, out var number) && number >= 0
                ? number
                : throw new ScheduleFormatException(
                    $"{_what}: '{key}' has {Shown(element)} at {numbers.Count}.", "whole numbers from 0 on are needed there."));
        return numbers.DrainToImmutable();
    }

    /// <summary>The elements of a list.</summary>
    internal JsonElement.ArrayEnumerator List(string key) => this[key] is { ValueKind: JsonValueKind.Array } value
        ? value.EnumerateArray()
        : throw Wrong(key, "a list");

    /// <summary>Whether a value is a number that a double holds; larger ones become infinite.</summary>
    internal static bool IsFinite(JsonElement element, out double number)
    {
        number = double.NaN;
        return element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out number) && double.IsFinite(number);
    }

    private static bool IsWhole(JsonElement element, out long number)
    {
        number = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out number);
    }

    /// <summary>A value in a message, cut where it is long.</summary>
    internal static string Shown(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => Short(element.GetRawText()),
    };

    private ScheduleFormatException Wrong(string key, string expected) =>
        new($"{_what}: '{key}' is {Shown(this[key])}.", $"{expected} is needed there.");

    private static string Short(string text) => text.Length > 40 ? text[..40] + "..." : text;
}
