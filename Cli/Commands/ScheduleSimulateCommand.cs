using System.CommandLine;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary><c>schedule simulate</c>: makespan, bubble and memory of a schedule for given costs.</summary>
internal static class ScheduleSimulateCommand
{
    private const int MostDrawn = 20_000;

    public static Command Create(Terminal terminal)
    {
        ScheduleOptions options = new();
        ScheduleOutputs outputs = new();
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command = new("simulate", "Plays a schedule against costs: makespan, bubble, and what each rank holds.");
        options.AddSource(command);
        options.AddSplit(command);
        options.AddCosts(command);
        outputs.AddTimelines(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            outputs.RequirePlaces(parsed);
            ScheduleRequest request = options.Of(parsed);
            Schedule schedule = request.Create();
            StageCosts costs = request.CostsOf(schedule);
            SimulationReport report = SimulationReport.Of(schedule, costs, request.CostSource);
            Lazy<Timeline> timeline = new(() => Simulator.Run(schedule, costs));
            outputs.Write(parsed, terminal, $"{schedule}", null, () => [timeline.Value]);
            if (parsed.GetValue(json)) terminal.Out.WriteLine(Json.ToLine(report));
            else Print(report, schedule, timeline, terminal);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The report as a table, below it the timeline where it can be read.</summary>
    internal static void Print(SimulationReport r, Schedule schedule, Lazy<Timeline> timeline, Terminal terminal)
    {
        string unit = r.Unit == TimeUnit.Seconds ? " s" : "";
        terminal.Out.WriteLine(FormattableString.Invariant(
            $"{schedule}: makespan {r.Makespan:0.######}{unit}, bubble {100 * r.BubbleRatio:0.0} %"));
        string[] inBytes = r.PeakBytes is null ? [] : ["held without parameters", "with parameters"];
        TextTable table = new(["rank", "stages", "idle", "activations, mb", "deferred, mb", "held, mb", .. inBytes]);
        for (int rank = 0; rank < r.Ranks; rank++)
            table.Add([
                $"{rank}", string.Join(", ", schedule.StagesOf(rank)), FormattableString.Invariant($"{r.Idle[rank]:0.######}"),
                .. new[] { r.PeakActivations, r.PeakDeferred, r.PeakHeld }
                    .Select(peaks => FormattableString.Invariant($"{peaks[rank]:0.##}")),
                .. new[] { r.PeakBytes, r.PeakBytesWithParameters }.Where(peaks => peaks is not null)
                    .Select(peaks => FormattableString.Invariant($"{peaks![rank] / 1048576.0:0.00} MiB")),
            ]);
        terminal.Write(table);
        if (r.StageShare != 1)
            terminal.Out.WriteLine("mb: microbatches on a rank's part of the model, of which a stage is "
                + FormattableString.Invariant($"{r.StageShare:0.####}."));
        if (schedule.Count <= MostDrawn) terminal.Out.Write(TimelineText.Draw(timeline.Value));
    }
}
