using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>What <c>schedule simulate --json</c> says about a schedule.</summary>
/// <remarks>Microbatches count as shares of a rank's part of the model: one on one of two stages of a rank counts half.</remarks>
/// <param name="Schedule">Its name.</param>
/// <param name="Ranks">How many ranks it has.</param>
/// <param name="Stages">How many stages.</param>
/// <param name="Microbatches">How many microbatches, of all batches in the list.</param>
/// <param name="Costs">Whether costs are those of one model or of single stages.</param>
/// <param name="StageShare">How much of a rank's part of the model a stage is: 1/2 where a rank has two.</param>
/// <param name="Unit">What times mean.</param>
/// <param name="Makespan">From the first start to the last end.</param>
/// <param name="BubbleRatio">The idle share of ranks x makespan.</param>
/// <param name="Idle">Per rank, the time without F, I, W or B.</param>
/// <param name="PeakActivations">Per rank, the most microbatches whose forward state is held: F to I or B.</param>
/// <param name="PeakDeferred">Per rank, the most microbatches whose W is put off, from I to the end of W.</param>
/// <param name="PeakHeld">Per rank, the most of both together.</param>
/// <param name="PeakBytes">Per rank, the most bytes of both together, without parameters; null where costs count none.</param>
/// <param name="PeakBytesWithParameters">The same with parameters, their gradients and the optimizer's state.</param>
internal sealed record SimulationReport(
    string Schedule, int Ranks, int Stages, int Microbatches, CostSource Costs, double StageShare, TimeUnit Unit,
    double Makespan, double BubbleRatio, IReadOnlyList<double> Idle,
    IReadOnlyList<double> PeakActivations, IReadOnlyList<double> PeakDeferred, IReadOnlyList<double> PeakHeld,
    IReadOnlyList<long>? PeakBytes, IReadOnlyList<long>? PeakBytesWithParameters)
{
    /// <summary>Simulates a legal schedule, without making events.</summary>
    public static SimulationReport Of(Schedule schedule, StageCosts costs, CostSource source)
    {
        SimulationSummary summary = Simulator.Summarize(schedule, costs);
        double share = schedule.StageShare;
        double[] Shares(Func<HeldState, int> count) => [.. summary.Held.Select(held => share * count(held))];
        return new SimulationReport(schedule.Name, schedule.Ranks, schedule.Stages, schedule.Microbatches, source, share,
            costs.Unit, summary.Makespan, summary.BubbleRatio, summary.Idle,
            Shares(held => held.Forward), Shares(held => held.PendingWeights), Shares(held => held.Either),
            costs.CountsBytes ? [.. summary.PeakBytes.Zip(summary.ParameterBytes, (peak, always) => peak - always)] : null,
            costs.CountsBytes ? summary.PeakBytes : null);
    }
}
