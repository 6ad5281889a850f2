using System.CommandLine;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary><c>schedule compare</c>: several schedules and recorded runs side by side.</summary>
internal static class ScheduleCompareCommand
{
    public static Command Create(Terminal terminal)
    {
        ScheduleOptions options = new();
        ScheduleOutputs outputs = new();
        Argument<string[]> sources = new("source")
        {
            Description = "Names of schedules, CSV files and traces (.json). NAME:fill splits that one; so do :end and :eager.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command = new("compare", "Lays schedules and recorded runs side by side: bubble, makespan, memory.") { sources };
        options.AddSource(command, named: false);
        options.AddSplit(command);
        options.AddCosts(command);
        outputs.AddTimelines(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            outputs.RequirePlaces(parsed);
            (Timeline Timeline, CostSource Costs)[] all =
                [.. parsed.GetValue(sources)!.SelectMany(source => TimelinesOf(source, options.Of(parsed)))];
            Timeline[] timelines = [.. all.Select(one => one.Timeline)];
            string title = string.Join(" | ", timelines.Select(t => t.Name));
            outputs.Write(parsed, terminal, title, null, () => timelines);
            ScheduleComparison[] rows = [.. all.Select(one => ScheduleComparison.Of(one.Timeline, one.Costs, timelines[0]))];
            string[] notes = [.. ScheduleComparison.Notes(rows)];
            if (parsed.GetValue(json)) terminal.Out.WriteLine(Json.ToLine(new { timelines = rows, notes }));
            else
            {
                terminal.Write(TableOf(rows));
                foreach (string note in notes) terminal.Out.WriteLine(note);
            }
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static IEnumerable<(Timeline Timeline, CostSource Costs)> TimelinesOf(string source, ScheduleRequest request)
    {
        if (ScheduleFile.IsTrace(source)) return ScheduleFile.ReadTrace(source).Select(t => (t, CostSource.Trace));
        int colon = source.LastIndexOf(':');
        bool splits = colon > 0 && Enum.GetNames<TwoStage>().Contains(source[(colon + 1)..], StringComparer.OrdinalIgnoreCase);
        request = splits
            ? request with { Schedule = source[..colon], TwoStage = source[(colon + 1)..] }
            : request with { Schedule = source };
        // Sizes are for the built-in ones among them.
        if (ScheduleFile.IsMeant(request.Schedule))
            request = request with { Stages = null, Microbatches = null, Chunks = null, Batches = null };
        // A cap is for the filled ones among them.
        if (TwoStageText.Parse(request.TwoStage) != TwoStage.Fill) request = request with { MemoryCap = null };
        Schedule schedule = request.Create();
        return [(Simulator.Run(schedule, request.CostsOf(schedule)).Named(source), request.CostSource)];
    }

    private static TextTable TableOf(IEnumerable<ScheduleComparison> rows)
    {
        TextTable table =
            new("timeline", "ranks", "makespan", "of the first", "bubble", "activations, mb", "deferred, mb", "held, mb");
        foreach (ScheduleComparison r in rows)
            table.Add(r.Name, $"{r.Ranks}",
                FormattableString.Invariant($"{r.Makespan:0.######}{(r.Unit == TimeUnit.Seconds ? " s" : "")}"),
                r.Ratio is { } ratio ? FormattableString.Invariant($"{ratio:0.000}") : "-",
                FormattableString.Invariant($"{100 * r.BubbleRatio:0.0} %"), Microbatches(r.PeakActivations),
                Microbatches(r.PeakDeferred), Microbatches(r.PeakHeld));
        return table;
    }

    private static string Microbatches(double count) => FormattableString.Invariant($"{count:0.##}");
}
