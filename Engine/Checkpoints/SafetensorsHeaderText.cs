using System.Text;
using System.Text.Json;

namespace AutogradCore;

/// <summary>Writes the JSON header of a safetensors file.</summary>
internal static class SafetensorsHeaderText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The header, padded with spaces until the data after it starts at a multiple of
    /// <paramref name="alignment"/>.</summary>
    /// <remarks><see cref="SafetensorsEntry.Offset"/> counts from the start of the data here.</remarks>
    public static byte[] Write(IEnumerable<SafetensorsEntry> entries, SortedDictionary<string, string> metadata, int alignment)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
                WriteMetadata(json, metadata);
            foreach (SafetensorsEntry entry in entries)
                WriteEntry(json, entry);
            json.WriteEndObject();
        }
        while ((SafetensorsLayout.PrefixLength + text.Length) % alignment != 0)
            text.WriteByte((byte)' ');
        return text.ToArray();
    }

    /// <summary>Whether the text has a UTF-8 form, which half a surrogate pair has not.</summary>
    public static bool IsUnicode(string text)
    {
        try
        {
            return Strict.GetByteCount(text) >= 0;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    private static void WriteMetadata(Utf8JsonWriter json, SortedDictionary<string, string> metadata)
    {
        json.WriteStartObject(SafetensorsLayout.MetadataName);
        foreach ((string key, string value) in metadata)
        {
            if (!IsUnicode(key) || !IsUnicode(value))
                throw new CheckpointException(null, null, $"metadata '{key}' has half a surrogate pair and cannot be stored.");
            json.WriteString(key, value);
        }
        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, SafetensorsEntry entry)
    {
        json.WriteStartObject(entry.Name);
        json.WriteString("dtype", entry.Dtype);
        json.WriteStartArray("shape");
        foreach (long axis in entry.Shape)
            json.WriteNumberValue(axis);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(entry.Offset);
        json.WriteNumberValue(entry.Offset + entry.ByteLength);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
