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
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ScheduleFormatException(
                $"Not a trace of timelines: {e.Message}", "only traces written by this library read back.", e);
        }
    }

    private static ImmutableArray<Timeline> Read(JsonElement root)
    {
        var heads = new List<JsonElement>();
        var events = new List<List<TimelineEvent>>();
        foreach (var entry in root.GetProperty("traceEvents").EnumerateArray())
        {
            if (entry.GetProperty("name").GetString() == "process_name")
            {
                heads.Add(entry.GetProperty("args"));
                events.Add([]);
            }
            else if (entry.GetProperty("ph").GetString() == "X")
            {
                var process = entry.GetProperty("pid").GetInt32();
                if ((uint)process >= (uint)events.Count)
                    throw new FormatException($"an event of process {process} comes before its process_name.");
                events[process].Add(ReadEvent(entry));
            }
        }
        return [.. heads.Zip(events, ReadTimeline)];
    }

    private static Timeline ReadTimeline(JsonElement head, List<TimelineEvent> events)
    {
        var unit = head.GetProperty("unit").GetString();
        return new(
            head.GetProperty("name").GetString() ?? "",
            head.GetProperty("ranks").GetInt32(),
            events,
            Enum.TryParse<TimeUnit>(unit, out var known) ? known : throw new FormatException($"the unit '{unit}' is unknown."))
        {
            ParameterBytes = head.TryGetProperty("parameterBytes", out var parameters)
                ? [.. parameters.EnumerateArray().Select(bytes => bytes.GetInt64())]
                : [],
        };
    }

    private static TimelineEvent ReadEvent(JsonElement entry)
    {
        var args = entry.GetProperty("args");
        var letters = args.GetProperty("kind").GetString();
        if (!ActionKinds.TryParse(letters, out var kind))
            throw new FormatException($"the kind '{letters}' is unknown.");
        return new(
            entry.GetProperty("tid").GetInt32(),
            new(args.GetProperty("stage").GetInt32(), kind, args.GetProperty("microbatch").GetInt32()),
            args.GetProperty("start").GetDouble(),
            args.GetProperty("duration").GetDouble(),
            args.GetProperty("microbatches").GetInt32())
        {
            HeldBytes = args.TryGetProperty("heldBytes", out var held) ? held.GetInt64() : null,
            MovedBytes = args.TryGetProperty("movedBytes", out var moved) ? moved.GetInt64() : 0,
            Sending = args.TryGetProperty("sending", out var sending) ? sending.GetDouble() : 0,
            WaitedFor = args.TryGetProperty("waitedFor", out var awaited) ? Action.Parse(awaited.GetString()!) : null,
        };
    }
}
