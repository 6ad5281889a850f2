using System.Text.Json;
using System.Text.Json.Serialization;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>A link in a file of costs: the time of a transfer as a number, or
/// <c>{"latency":..,"bytes":..,"bandwidth":..}</c> where its parts are known.</summary>
internal sealed class LinkJson : JsonConverter<Link>
{
    private sealed record Parts(double Latency, double Bytes = 0, double Bandwidth = 0);

    public override Link Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number) return new Link(reader.GetDouble());
        Parts parts = JsonSerializer.Deserialize<Parts>(ref reader, options) ?? throw new JsonException("a link is null");
        return new Link(parts.Latency, parts.Bytes, parts.Bandwidth);
    }

    public override void Write(Utf8JsonWriter writer, Link value, JsonSerializerOptions options)
    {
        if (value.Bytes == 0 && value.Bandwidth == 0) writer.WriteNumberValue(value.Latency);
        else JsonSerializer.Serialize(writer, new Parts(value.Latency, value.Bytes, value.Bandwidth), options);
    }
}
