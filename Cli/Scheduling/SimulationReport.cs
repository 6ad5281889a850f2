using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>What <c>schedule simulate --json</c> says about a schedule.</summary>
/// <param name="Schedule">Its name.</param>
/// <param name="Ranks">How many ranks it has.</param>
/// <param name="Stages">How many stages.</param>
/// <param name="Microbatches">How many microbatches, of all batches in the list.</param>
/// <param name="Unit">What times mean.</param>
/// <param name="Makespan">From the first start to the last end.</param>
/// <param name="BubbleRatio">The idle share of ranks x makespan.</param>
/// <param name="Idle">Per rank, the time without F, I, W or B.</param>
/// <param name="PeakActivations">Per rank, the most microbatches whose forward state is held: F to I or B.</param>
/// <param name="PeakDeferred">Per rank, the most microbatches whose W is put off, from I to the end of W.</param>
/// <param name="PeakHeld">Per rank, the most of both together.</param>
internal sealed record SimulationReport(
    string Schedule, int Ranks, int Stages, int Microbatches, TimeUnit Unit, double Makespan, double BubbleRatio,
    IReadOnlyList<double> Idle, IReadOnlyList<int> PeakActivations, IReadOnlyList<int> PeakDeferred, IReadOnlyList<int> PeakHeld)
{
    /// <summary>Simulates a legal schedule, without making events.</summary>
    public static SimulationReport Of(Schedule schedule, StageCosts costs)
    {
        SimulationSummary summary = Simulator.Summarize(schedule, costs);
        return new SimulationReport(schedule.Name, schedule.Ranks, schedule.Stages, schedule.Microbatches, costs.Unit,
            summary.Makespan, summary.BubbleRatio, summary.Idle, [.. summary.Held.Select(h => h.Forward)],
            [.. summary.Held.Select(h => h.PendingWeights)], [.. summary.Held.Select(h => h.Either)]);
    }
}
