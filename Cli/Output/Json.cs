using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AutogradCore.Cli;

/// <summary>How results become JSON: camelCase names, enums as words, NaN and infinities as strings.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Line = Options(indented: false), Page = Options(indented: true);

    /// <summary>One object on one line.</summary>
    public static string ToLine<T>(T value) => JsonSerializer.Serialize(value, Line);

    /// <summary>One object, indented, with a final newline: a file for people too.</summary>
    public static string ToPage<T>(T value) => JsonSerializer.Serialize(value, Page) + "\n";

    /// <summary>Reads an object back.</summary>
    /// <exception cref="JsonException">The text is no JSON, or another object.</exception>
    public static T? Parse<T>(string text) => JsonSerializer.Deserialize<T>(text, Line);

    private static JsonSerializerOptions Options(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
