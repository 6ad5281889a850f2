using System.Collections.Immutable;
using System.Text.Json;

namespace AutogradCore.Pipeline;

/// <summary>Reads back what <see cref="ChromeTrace"/> writes.</summary>
internal static class ChromeTraceReader
{
    internal static ImmutableArray<Timeline> Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new ScheduleFormatException(
                $"Not a trace of timelines: {e.Message}", "only traces written by this library read back.", e);
        }
    }

    private static ImmutableArray<Timeline> Read(JsonElement root)
    {
        var heads = new List<JsonElement>();
        var events = new List<List<TimelineEvent>>();
        foreach (var entry in At(root, "traceEvents", JsonValueKind.Array).EnumerateArray())
        {
            if (Text(entry, "name") == "process_name")
            {
                heads.Add(At(entry, "args", JsonValueKind.Object));
                events.Add([]);
            }
            else if (Text(entry, "ph") == "X")
            {
                var process = Whole(entry, "pid");
                if ((uint)process >= (uint)events.Count)
                    throw new FormatException($"an event of process {process} comes before its process_name.");
                events[process].Add(ReadEvent(entry));
            }
        }
        return [.. heads.Zip(events, ReadTimeline)];
    }

    private static Timeline ReadTimeline(JsonElement head, List<TimelineEvent> events)
    {
        var unit = Text(head, "unit");
        return new(
            Text(head, "name"),
            Whole(head, "ranks"),
            events,
            Enum.TryParse<TimeUnit>(unit, out var known) ? known : throw new FormatException($"the unit '{unit}' is unknown."));
    }

    private static TimelineEvent ReadEvent(JsonElement entry)
    {
        var args = At(entry, "args", JsonValueKind.Object);
        var letters = Text(args, "kind");
        if (!ActionKinds.TryParse(letters, out var kind))
            throw new FormatException($"the kind '{letters}' is unknown.");
        return new(
            Whole(entry, "tid"),
            new(Whole(args, "stage"), kind, Whole(args, "microbatch")),
            Number(args, "start"),
            Number(args, "duration"),
            Whole(args, "microbatches"))
        {
            HeldBytes = Has(args, "heldBytes") ? Bytes(args, "heldBytes") : null,
            MovedBytes = Has(args, "movedBytes") ? Bytes(args, "movedBytes") : 0,
            Sending = Has(args, "sending") ? Number(args, "sending") : 0,
            WaitedFor = Has(args, "waitedFor") ? Action.Parse(Text(args, "waitedFor")) : null,
        };
    }

    private static bool Has(JsonElement of, string key) => of.TryGetProperty(key, out _);

    private static JsonElement At(JsonElement of, string key, JsonValueKind kind) =>
        of.ValueKind != JsonValueKind.Object || !of.TryGetProperty(key, out var value)
            ? throw new FormatException($"'{key}' is missing.")
        : value.ValueKind != kind ? throw new FormatException($"'{key}' is of the kind {value.ValueKind} and not {kind}.")
        : value;

    private static string Text(JsonElement of, string key) => At(of, key, JsonValueKind.String).GetString()!;

    private static int Whole(JsonElement of, string key) => At(of, key, JsonValueKind.Number).TryGetInt32(out var value)
        ? value
        : throw new FormatException($"'{key}' is no whole number of 32 bits.");

    private static long Bytes(JsonElement of, string key) => At(of, key, JsonValueKind.Number).TryGetInt64(out var value)
        ? value
        : throw new FormatException($"'{key}' is no whole number of 64 bits.");

    private static double Number(JsonElement of, string key) => At(of, key, JsonValueKind.Number).GetDouble();
}
