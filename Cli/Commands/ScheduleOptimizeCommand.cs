using System.CommandLine;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary><c>schedule optimize</c>: searches for the shortest order within memory, and bounds the best there is.</summary>
internal static class ScheduleOptimizeCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        OptimizerOptions standard = new();
        ScheduleOptions options = new();
        ScheduleOutputs outputs = new();
        Option<int> moves = new("--moves") { Description = "Changes to try.", DefaultValueFactory = _ => standard.Moves };
        Option<int> seed =
            new("--seed") { Description = "Another seed tries other changes.", DefaultValueFactory = _ => standard.Seed };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command = new("optimize", "Searches the order of F, I and W with the least makespan for given costs and memory.");
        options.AddSource(command);
        options.AddCap(command);
        options.AddCosts(command);
        command.Add(moves);
        command.Add(seed);
        outputs.AddCsv(command);
        outputs.AddTimelines(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            outputs.RequirePlaces(parsed);
            ScheduleRequest request = options.Of(parsed);
            Schedule start = RemoveTransfers.Apply(request.LoadLegal());
            StageCosts costs = request.CostsOf(start);
            (MemoryCap cap, StageCosts counted) = request.CapOn(start);
            OptimizedSchedule best = ScheduleOptimizer.Optimize(start, counted, cap,
                new OptimizerOptions { Moves = parsed.GetValue(moves), Seed = parsed.GetValue(seed) }, cancellation);
            SimulationReport report = SimulationReport.Of(best.Schedule, costs, request.CostSource);
            Lazy<Timeline> timeline = new(() => Simulator.Run(best.Schedule, costs));
            outputs.Write(parsed, terminal, $"{best.Schedule}", best.Schedule, () => [timeline.Value]);
            if (parsed.GetValue(json))
                terminal.Out.WriteLine(Json.ToLine(new
                {
                    report.Schedule,
                    best.Makespan,
                    best.Bound,
                    best.Gap,
                    optimal = best.IsOptimal,
                    best.Start,
                    best.Moves,
                    report.BubbleRatio,
                    report.Idle,
                    report.PeakActivations,
                    report.PeakDeferred,
                    report.PeakHeld,
                    report.Costs,
                    report.StageShare,
                    report.PeakBytes,
                    report.PeakBytesWithParameters,
                }));
            else
            {
                ScheduleSimulateCommand.Print(report, best.Schedule, timeline, terminal);
                terminal.Out.WriteLine(FormattableString.Invariant(
                    $"Started from {best.Start:0.######}; nothing is shorter than {best.Bound:0.######}: ")
                    + (best.IsOptimal
                        ? "this is optimal."
                        : FormattableString.Invariant($"at most {100 * best.Gap:0.0} % above.")));
            }
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
