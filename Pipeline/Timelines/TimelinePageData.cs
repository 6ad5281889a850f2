using System.Text;
using System.Text.Json;

namespace AutogradCore.Pipeline;

/// <summary>The page's data as compact JSON: one array per column, names escaped so that none can end the element.</summary>
/// <remarks>Times count from the timeline's first start. Page/timeline.js reads this.</remarks>
internal static class TimelinePageData
{
    internal static string Write(IReadOnlyList<TimelineFacts> facts)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) // Its default encoder escapes < > & ' and all that is not ASCII.
        {
            json.WriteStartObject();
            json.WriteStartArray("kinds");
            foreach (var kind in Enum.GetValues<ActionKind>())
                WriteKind(json, kind);
            json.WriteEndArray();
            json.WriteStartArray("timelines");
            foreach (var one in facts)
                WriteTimeline(json, one);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void WriteKind(Utf8JsonWriter json, ActionKind kind)
    {
        json.WriteStartObject();
        json.WriteString("text", kind.Text());
        json.WriteString("legend", TimelinePalette.Legend(kind));
        json.WriteString("color", TimelinePalette.Of(kind));
        // Transfers and collectives may run beside computation, so they get a strip of their own.
        json.WriteBoolean("beside", kind.IsTransfer() || kind.IsStageWide());
        json.WriteEndObject();
    }

    private static void WriteTimeline(Utf8JsonWriter json, TimelineFacts facts)
    {
        var (timeline, events) = (facts.Timeline, facts.Timeline.Events);
        json.WriteStartObject();
        json.WriteString("name", TimelinePage.Whole(timeline.Name));
        json.WriteString("unit", timeline.Unit.ToString());
        json.WriteNumber("ranks", timeline.Ranks);
        json.WriteNumber("makespan", timeline.Makespan);
        json.WriteNumber("bubble", timeline.BubbleRatio);
        Numbers(json, "busy", Enumerable.Range(0, timeline.Ranks).Select(timeline.Busy));
        Numbers(json, "rank", events.Select(e => e.Rank));
        Numbers(json, "stage", events.Select(e => e.Action.Stage));
        Numbers(json, "kind", events.Select(e => (int)e.Action.Kind));
        Numbers(json, "microbatch", events.Select(e => e.Action.Microbatch));
        Numbers(json, "start", events.Select(e => e.Start - timeline.Start));
        Numbers(json, "duration", events.Select(e => e.Duration));
        Numbers(json, "step", facts.Steps);
        Sparse(json, "count", events.Select(e => (long)e.Microbatches), except: 1);
        Sparse(json, "moved", events.Select(e => e.MovedBytes), except: 0);
        WriteWaits(json, TimelineWaits.Of(timeline, facts.Order));
        Numbers(json, "chain", facts.Chain.Events);
        json.WriteNumber("chainWaiting", facts.Chain.Waiting);
        WriteHeld(json, facts.Held);
        if (facts.Held.InBytes && !timeline.ParameterBytes.IsEmpty)
            Numbers(json, "parameters", timeline.ParameterBytes.Select(bytes => (double)bytes));
        json.WriteEndObject();
    }

    private static void WriteWaits(Utf8JsonWriter json, IEnumerable<TimelineWait> waits)
    {
        json.WriteStartArray("waits");
        foreach (var wait in waits)
        {
            json.WriteStartArray();
            json.WriteNumberValue(wait.Event);
            json.WriteNumberValue(wait.Idle);
            json.WriteNumberValue(wait.Source);
            json.WriteStringValue(wait.Text);
            json.WriteBooleanValue(wait.Recorded);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    // A point is two numbers: twice the event, plus one where the change comes with its end; then the value.
    private static void WriteHeld(Utf8JsonWriter json, HeldCurve held)
    {
        json.WriteBoolean("heldInBytes", held.InBytes);
        json.WriteStartArray("held");
        foreach (var points in held.Ranks)
        {
            json.WriteStartArray();
            foreach (var point in points)
            {
                json.WriteNumberValue(2L * point.Event + (point.AtEnd ? 1 : 0));
                json.WriteNumberValue(point.Value * held.Unit);
            }
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static void Sparse(Utf8JsonWriter json, string name, IEnumerable<long> values, long except)
    {
        json.WriteStartObject(name);
        foreach (var (index, value) in values.Index())
            if (value != except)
                json.WriteNumber(index.ToString(), value);
        json.WriteEndObject();
    }

    private static void Numbers(Utf8JsonWriter json, string name, IEnumerable<int> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    private static void Numbers(Utf8JsonWriter json, string name, IEnumerable<double> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
