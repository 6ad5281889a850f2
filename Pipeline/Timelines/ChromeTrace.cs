using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AutogradCore.Pipeline;

/// <summary>Timelines as Chrome trace JSON, which ui.perfetto.dev and chrome://tracing open; reads back what it wrote.</summary>
/// <remarks>
/// One process per timeline, one thread per rank, one complete event (<c>X</c>) per bar, in microseconds; an abstract unit is
/// shown as one second. An arrow (<c>s</c>, <c>f</c>) leads from an action to the event that waited for it. The exact times and
/// bytes are among each event's arguments, so reading back gives equal timelines.
/// Format: "Trace Event Format", Google 2016.
/// </remarks>
public static class ChromeTrace
{
    private const double Microseconds = 1e6;

    /// <summary>Writes timelines as UTF-8 JSON.</summary>
    /// <param name="stream">Where to; stays open.</param>
    /// <param name="timelines">For example the simulated and the recorded run.</param>
    public static void Write(Stream stream, params ReadOnlySpan<Timeline> timelines)
    {
        using var json = new Utf8JsonWriter(stream, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartArray("traceEvents");
        var arrows = 0;
        for (var process = 0; process < timelines.Length; process++)
        {
            WriteTimeline(json, process, timelines[process]);
            WriteArrows(json, process, timelines[process], ref arrows);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes timelines as JSON text.</summary>
    /// <param name="timelines">For example the simulated and the recorded run.</param>
    public static string ToJson(params ReadOnlySpan<Timeline> timelines)
    {
        using var stream = new MemoryStream();
        Write(stream, timelines);
        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Reads the timelines that <see cref="Write"/> or <see cref="ToJson"/> wrote, in their order.</summary>
    /// <param name="json">The whole JSON text.</param>
    /// <exception cref="ScheduleFormatException">The text is not JSON, or not a trace that this class wrote.</exception>
    /// <exception cref="ScheduleException">An event lies outside its timeline's ranks, or its times are impossible.</exception>
    public static ImmutableArray<Timeline> FromJson(string json) => ChromeTraceReader.Read(json);

    private static void WriteTimeline(Utf8JsonWriter json, int process, Timeline timeline)
    {
        Metadata(json, "process_name", process, 0, () =>
        {
            json.WriteString("name", timeline.Name);
            json.WriteNumber("ranks", timeline.Ranks);
            json.WriteString("unit", timeline.Unit.ToString());
            if (timeline.ParameterBytes.IsEmpty)
                return;
            json.WriteStartArray("parameterBytes");
            foreach (var bytes in timeline.ParameterBytes)
                json.WriteNumberValue(bytes);
            json.WriteEndArray();
        });
        for (var rank = 0; rank < timeline.Ranks; rank++)
            Metadata(json, "thread_name", process, rank, () => json.WriteString("name", $"rank {rank}"));
        foreach (var e in timeline.Events)
            WriteEvent(json, process, e);
    }

    private static void Metadata(Utf8JsonWriter json, string name, int process, int thread, System.Action arguments)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("ph", "M");
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", thread);
        json.WriteStartObject("args");
        arguments();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter json, int process, TimelineEvent e)
    {
        json.WriteStartObject();
        json.WriteString("name", e.Label);
        json.WriteString("cat", e.Action.Kind.Text());
        json.WriteString("ph", "X");
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", e.Rank);
        json.WriteNumber("ts", e.Start * Microseconds);
        json.WriteNumber("dur", e.Duration * Microseconds);
        json.WriteStartObject("args");
        json.WriteNumber("stage", e.Action.Stage);
        json.WriteString("kind", e.Action.Kind.Text());
        json.WriteNumber("microbatch", e.Action.Microbatch);
        json.WriteNumber("microbatches", e.Microbatches);
        json.WriteNumber("start", e.Start);
        json.WriteNumber("duration", e.Duration);
        if (e.HeldBytes is { } held)
            json.WriteNumber("heldBytes", held);
        if (e.MovedBytes != 0)
            json.WriteNumber("movedBytes", e.MovedBytes);
        if (e.Sending != 0)
            json.WriteNumber("sending", e.Sending);
        if (e.WaitedFor is { } awaited)
            json.WriteString("waitedFor", awaited.ToString());
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // The arrow leaves from the middle of its bar: at the end, a viewer could take it for the next bar's.
    private static void WriteArrows(Utf8JsonWriter json, int process, Timeline timeline, ref int arrows)
    {
        if (timeline.Events.All(e => e.WaitedFor is null))
            return;
        var order = new TimelineOrder(timeline);
        for (var i = 0; i < timeline.Events.Length; i++)
        {
            var target = timeline.Events[i];
            if (target.WaitedFor is not { } awaited || order.Before(i, awaited) is not (>= 0 and var found))
                continue;
            var source = timeline.Events[found];
            WriteArrowEnd(json, "s", process, source.Rank, source.Start + source.Duration / 2, arrows);
            WriteArrowEnd(json, "f", process, target.Rank, target.Start, arrows++);
        }
    }

    private static void WriteArrowEnd(Utf8JsonWriter json, string phase, int process, int rank, double time, int id)
    {
        json.WriteStartObject();
        json.WriteString("name", "waited for");
        json.WriteString("cat", "wait");
        json.WriteString("ph", phase);
        if (phase == "f")
            json.WriteString("bp", "e");
        json.WriteNumber("id", id);
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", rank);
        json.WriteNumber("ts", time * Microseconds);
        json.WriteEndObject();
    }
}
