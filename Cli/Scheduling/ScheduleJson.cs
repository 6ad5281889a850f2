using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>A schedule as one JSON object, written rank by rank: a large one fits into no string.</summary>
internal static class ScheduleJson
{
    /// <summary>Writes name and sizes, and the actions as a list of texts per rank.</summary>
    public static void WriteActions(Schedule schedule, TextWriter output) => Write(output, Sizes(schedule), "actions", () =>
    {
        for (int rank = 0; rank < schedule.Ranks; rank++)
        {
            output.Write(rank == 0 ? "[" : ",");
            output.Write(Json.ToLine(schedule[rank].Select(action => action.ToString())));
        }
        output.Write(schedule.Ranks == 0 ? "[]" : "]");
    });

    /// <summary>Writes name and sizes, and the CSV as one text.</summary>
    public static void WriteCsv(Schedule schedule, TextWriter output) =>
        Write(output, new { schedule = schedule.Name, schedule.Ranks, schedule.Stages, schedule.Microbatches,
            actions = schedule.Count }, "csv", () =>
        {
            output.Write('"');
            schedule.WriteCsv(new Escaped(output));
            output.Write('"');
        });

    private static object Sizes(Schedule schedule) =>
        new { schedule = schedule.Name, schedule.Ranks, schedule.Stages, schedule.Microbatches };

    // The head is an object of its own; the last value goes before its closing brace.
    private static void Write(TextWriter output, object head, string key, System.Action value)
    {
        output.Write(Json.ToLine(head)[..^1]);
        output.Write($",\"{key}\":");
        value();
        output.WriteLine('}');
    }

    /// <summary>A text inside a JSON string: of what CSV has, only the ends of lines are escaped.</summary>
    private sealed class Escaped(TextWriter output) : TextWriter
    {
        public override System.Text.Encoding Encoding => output.Encoding;

        public override void Write(char value)
        {
            if (value == '\n') output.Write("\\n");
            else output.Write(value);
        }

        public override void Write(string? value) => output.Write(value);
    }
}
