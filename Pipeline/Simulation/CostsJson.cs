using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AutogradCore.Pipeline;

/// <summary><see cref="StageCosts"/> as JSON: F, I and W of each stage for one microbatch, links, memory and sums of
/// gradients.</summary>
/// <remarks>
/// <c>{"unit":"seconds","forward":[..],"inputs":[..],"weights":[..],"links":[..]}</c>, and where they are known <c>backLinks</c>,
/// <c>memory</c> and <c>allReduce</c>.
/// A link is the time of a transfer, or <c>{"latency":..,"bytes":..,"bandwidth":..}</c> where its parts are known.
/// </remarks>
public static class CostsJson
{
    private const string Unit = "unit", Forward = "forward", Inputs = "inputs", Weights = "weights", Links = "links",
        Memory = "memory", BackLinks = "backLinks", AllReduce = "allReduce", Latency = "latency", Bytes = "bytes",
        Bandwidth = "bandwidth", AfterForward = "afterForward", AfterInputs = "afterInputs", Parameters = "parameters",
        Input = "input";

    private static readonly (string Text, TimeUnit Unit)[] Units = [("units", TimeUnit.Units), ("seconds", TimeUnit.Seconds)];

    /// <summary>Writes costs as one object.</summary>
    /// <param name="costs">The costs; what this format does not name is left out.</param>
    /// <param name="indented">Whether the text has many lines, for people.</param>
    public static string Write(StageCosts costs, bool indented = false)
    {
        using var stream = new MemoryStream();
        JsonWriterOptions options =
            new() { Indented = indented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, options))
        {
            json.WriteStartObject();
            json.WriteString(Unit, Units.First(unit => unit.Unit == costs.Unit).Text);
            List(Forward, costs.Forward, json.WriteNumberValue);
            List(Inputs, costs.Inputs, json.WriteNumberValue);
            List(Weights, costs.Weights, json.WriteNumberValue);
            List(Links, costs.Links, link => WriteLink(json, link));
            List(Memory, costs.Memory, memory => WriteMemory(json, memory));
            List(BackLinks, costs.BackLinks, link => WriteLink(json, link));
            if (costs.AllReduce.Any(time => time > 0))
                List(AllReduce, costs.AllReduce, json.WriteNumberValue);
            json.WriteEndObject();

            void List<T>(string key, ImmutableArray<T> values, Action<T> write)
            {
                json.WriteStartArray(key);
                foreach (var value in values)
                    write(value);
                json.WriteEndArray();
            }
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Reads costs back.</summary>
    /// <param name="json">The whole text; <c>forward</c>, <c>inputs</c> and <c>weights</c> are needed.</param>
    /// <exception cref="ScheduleFormatException">The text is no JSON, or another object; a key is unknown or missing.</exception>
    /// <exception cref="ScheduleException">Lists of unequal length, or impossible numbers.</exception>
    public static StageCosts Read(string json) => JsonFields.Parse(json, "costs",
        """costs have the form {"unit":"seconds","forward":[..],"inputs":[..],"weights":[..],"links":[..]}.""", Read);

    private static StageCosts Read(JsonElement root)
    {
        var fields = JsonFields.Of(root, "the object", Unit, Forward, Inputs, Weights, Links, Memory, BackLinks, AllReduce);
        var costs = new StageCosts(fields.Reals(Forward), fields.Reals(Inputs), fields.Reals(Weights),
            fields.Has(Links) ? ReadLinks(fields, Links) : [], fields.Has(Unit) ? ReadUnit(fields[Unit]) : TimeUnit.Units);
        if (costs.Stages == 0)
            throw new ScheduleFormatException("They are the costs of no stage.", "give F, I and W for each stage.");
        if (fields.Has(BackLinks))
            costs = costs with { BackLinks = ReadLinks(fields, BackLinks) };
        if (fields.Has(AllReduce))
            costs = costs with { AllReduce = fields.Reals(AllReduce) };
        return fields.Has(Memory) ? costs with { Memory = [.. fields.List(Memory).Select(ReadMemory)] } : costs;
    }

    private static TimeUnit ReadUnit(JsonElement element)
    {
        foreach (var unit in Units)
            if (element.ValueKind == JsonValueKind.String && element.ValueEquals(unit.Text))
                return unit.Unit;
        throw new ScheduleFormatException($"The unit is {JsonFields.Shown(element)}.", """use "units" or "seconds".""");
    }

    private static ImmutableArray<Link> ReadLinks(JsonFields fields, string key) =>
        [.. fields.List(key).Select((element, index) => ReadLink(element, $"{key}[{index}]"))];

    private static Link ReadLink(JsonElement element, string what)
    {
        if (element.ValueKind == JsonValueKind.Number)
            return JsonFields.IsFinite(element, out var time)
                ? new(time)
                : throw new ScheduleFormatException($"{what} is {JsonFields.Shown(element)}.", "a time is a finite number.");
        var link = JsonFields.Of(element, what, Latency, Bytes, Bandwidth);
        return new(link.Has(Latency) ? link.Real(Latency) : 0, link.Has(Bytes) ? link.Real(Bytes) : 0,
            link.Has(Bandwidth) ? link.Real(Bandwidth) : 0);
    }

    private static StageMemory ReadMemory(JsonElement element, int stage)
    {
        var memory = JsonFields.Of(element, $"{Memory}[{stage}]", AfterForward, AfterInputs, Parameters, Input);
        return new(memory.Whole(AfterForward), memory.Whole(AfterInputs),
            memory.Has(Parameters) ? memory.Whole(Parameters) : 0, memory.Has(Input) ? memory.Whole(Input) : 0);
    }

    private static void WriteLink(Utf8JsonWriter json, Link link)
    {
        if (link.Bytes == 0 && link.Bandwidth == 0)
        {
            json.WriteNumberValue(link.Latency);
            return;
        }
        json.WriteStartObject();
        json.WriteNumber(Latency, link.Latency);
        json.WriteNumber(Bytes, link.Bytes);
        json.WriteNumber(Bandwidth, link.Bandwidth);
        json.WriteEndObject();
    }

    private static void WriteMemory(Utf8JsonWriter json, StageMemory memory)
    {
        json.WriteStartObject();
        json.WriteNumber(AfterForward, memory.AfterForward);
        json.WriteNumber(AfterInputs, memory.AfterInputs);
        json.WriteNumber(Parameters, memory.Parameters);
        json.WriteNumber(Input, memory.Input);
        json.WriteEndObject();
    }
}
