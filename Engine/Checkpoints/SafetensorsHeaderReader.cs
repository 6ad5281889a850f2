using System.Text.Json;
using System.Text.Unicode;

namespace AutogradCore;

/// <summary>Parses the JSON header of a safetensors file, with the offset in the file of whatever is wrong.</summary>
internal ref struct SafetensorsHeaderReader
{
    private readonly string file;
    private readonly long dataStart;
    private Utf8JsonReader json;

    public SafetensorsHeaderReader(string file, ReadOnlySpan<byte> header)
    {
        this.file = file;
        dataStart = SafetensorsLayout.PrefixLength + header.Length;
        json = new Utf8JsonReader(header);
        if (!Utf8.IsValid(header))
            throw Wrong("the header is not UTF-8.");
        if (header.IsEmpty || header[0] != (byte)'{')
            throw Wrong("the header does not start with '{'.");
    }

    /// <summary>Where the header ends and the data starts, in bytes from the start of the file.</summary>
    public readonly long DataStart => dataStart;

    private readonly long Offset => SafetensorsLayout.PrefixLength + json.TokenStartIndex;

    /// <summary>Reads everything; entries are in the header's order and their ranges are not
    /// yet compared with the file.</summary>
    public List<SafetensorsEntry> Read(Dictionary<string, string> metadata)
    {
        try
        {
            return ReadObject(metadata);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escaped half of a surrogate pair, which GetString refuses.
            throw new CheckpointException(
                file, SafetensorsLayout.PrefixLength + json.BytesConsumed, $"the header is not valid JSON: {error.Message}",
                hint: "The file is damaged or is not a safetensors file.", inner: error);
        }
    }

    private List<SafetensorsEntry> ReadObject(Dictionary<string, string> metadata)
    {
        var entries = new List<SafetensorsEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            if (!names.Add(name))
                throw Wrong($"the name '{name}' occurs twice.");
            long offset = Offset;
            json.Read();
            Expect(JsonTokenType.StartObject, $"'{name}'", "an object");
            if (name == SafetensorsLayout.MetadataName)
                ReadMetadata(metadata);
            else
                entries.Add(ReadEntry(name, offset));
        }
        json.Read();
        return entries;
    }

    private void ReadMetadata(Dictionary<string, string> metadata)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string key = json.GetString()!;
            if (metadata.ContainsKey(key))
                throw Wrong($"the metadata key '{key}' occurs twice.");
            json.Read();
            Expect(JsonTokenType.String, $"metadata '{key}'", "a string");
            metadata.Add(key, json.GetString()!);
        }
    }

    private SafetensorsEntry ReadEntry(string name, long offset)
    {
        string? dtype = null;
        long[]? shape = null, range = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string key = json.GetString()!;
            if ((key, dtype, shape, range) is ("dtype", not null, _, _) or ("shape", _, not null, _)
                or ("data_offsets", _, _, not null))
                throw Wrong($"tensor '{name}' has two entries '{key}'.");
            json.Read();
            switch (key)
            {
                case "dtype":
                    Expect(JsonTokenType.String, $"the dtype of '{name}'", "a string");
                    dtype = json.GetString()!;
                    break;
                case "shape":
                    shape = ReadNumbers($"the shape of '{name}'");
                    break;
                case "data_offsets":
                    range = ReadNumbers($"the data_offsets of '{name}'");
                    break;
                default:
                    json.Skip();
                    break;
            }
        }
        if (dtype is null || shape is null || range is null)
            throw Wrong(
                $"tensor '{name}' lacks its {(dtype is null ? "dtype" : shape is null ? "shape" : "data_offsets")}.", offset);
        return Check(name, dtype, shape, range, offset);
    }

    private readonly SafetensorsEntry Check(string name, string dtype, long[] shape, long[] range, long offset)
    {
        int size = SafetensorsLayout.SizeOf(dtype);
        if (size == 0)
            throw Wrong($"tensor '{name}' has the unknown dtype '{dtype}'.", offset, $"Known are {SafetensorsLayout.Dtypes}.");
        if (!SafetensorsLayout.TryByteLength(size, shape, out long needed))
            throw Wrong($"tensor '{name}': the shape [{string.Join(',', shape)}] of {dtype} has more than 2^63 bytes.", offset);
        if (range.Length != 2 || range[0] > range[1] || range[1] > long.MaxValue - dataStart)
            throw Wrong($"tensor '{name}': data_offsets [{string.Join(',', range)}] are not a begin and an end.", offset);
        long found = range[1] - range[0];
        if (found != needed)
            throw new CheckpointException(
                file, offset,
                $"tensor '{name}': {dtype} [{string.Join(',', shape)}] needs {needed} bytes, its data_offsets hold {found}.",
                needed, found,
                "The file is damaged or was written by something else than a safetensors library.");
        return new SafetensorsEntry(name, dtype, shape, dataStart + range[0], needed);
    }

    private long[] ReadNumbers(string what)
    {
        Expect(JsonTokenType.StartArray, what, "an array");
        var numbers = new List<long>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            Expect(JsonTokenType.Number, what, "an array of numbers");
            if (!json.TryGetInt64(out long number) || number < 0)
                throw Wrong($"{what} holds a number that is not an integer from 0 to 2^63 - 1.");
            numbers.Add(number);
        }
        return [.. numbers];
    }

    private readonly void Expect(JsonTokenType type, string what, string expected)
    {
        if (json.TokenType != type)
            throw Wrong($"{what} should be {expected} and is {json.TokenType}.");
    }

    private readonly CheckpointException Wrong(string problem, long? offset = null, string? hint = null)
        => new(file, offset ?? Offset, problem, hint: hint ?? "The file is damaged or is not a safetensors file.");
}
