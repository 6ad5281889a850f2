using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>One row of <c>schedule compare</c>.</summary>
/// <remarks>Microbatches count as shares of a rank's part of the model: one on one of two stages of a rank counts half.</remarks>
/// <param name="Name">The timeline's name.</param>
/// <param name="Ranks">How many ranks took part.</param>
/// <param name="Costs">Where its times come from.</param>
/// <param name="StageShare">How much of a rank's part of the model a stage is: 1/2 where a rank has two.</param>
/// <param name="Unit">What times mean.</param>
/// <param name="Makespan">From the first start to the last end.</param>
/// <param name="Ratio">The makespan over that of the first timeline; null where units differ.</param>
/// <param name="BubbleRatio">The idle share of ranks x makespan.</param>
/// <param name="PeakActivations">The most microbatches whose forward state any rank holds.</param>
/// <param name="PeakDeferred">The most microbatches whose W any rank puts off.</param>
/// <param name="PeakHeld">The most of both together on any rank.</param>
internal sealed record ScheduleComparison(
    string Name, int Ranks, CostSource Costs, double StageShare, TimeUnit Unit, double Makespan, double? Ratio,
    double BubbleRatio, double PeakActivations, double PeakDeferred, double PeakHeld)
{
    /// <summary>Sums a timeline up, and sets it in relation to another.</summary>
    public static ScheduleComparison Of(Timeline timeline, CostSource source, Timeline first)
    {
        IReadOnlyList<HeldState> peaks = HeldState.Peaks(timeline);
        double share = timeline.StageShare;
        double Most(Func<HeldState, int> what) => share * peaks.Select(what).DefaultIfEmpty().Max();
        return new ScheduleComparison(timeline.Name, timeline.Ranks, source, share, timeline.Unit, timeline.Makespan,
            timeline.Unit == first.Unit && first.Makespan > 0 ? timeline.Makespan / first.Makespan : null,
            timeline.BubbleRatio, Most(p => p.Forward), Most(p => p.PendingWeights), Most(p => p.Either));
    }

    /// <summary>What a reader has to know before rows are compared; empty where all are of one kind.</summary>
    public static IEnumerable<string> Notes(IReadOnlyList<ScheduleComparison> rows)
    {
        if (rows.Any(row => row is { StageShare: not 1, Costs: CostSource.Model }))
            yield return "All cut the same model: where a rank has several stages, each is an equal share of its part.";
        if (rows.Any(row => row.StageShare != 1))
            yield return "mb: microbatches on a rank's part of the model; one on a stage of it counts the stage's share.";
        if (rows.Select(row => row.Ranks).Distinct().Skip(1).Any())
            yield return "Numbers of ranks differ: a rank's part of the model takes F, I and W on each, "
                + "so more ranks compute a larger model.";
        if (Named(CostSource.Stages) is { Length: > 0 } stages)
            yield return $"With costs given stage by stage: {stages}.";
        if (Named(CostSource.File) is { Length: > 0 } files)
            yield return $"With the costs of single stages from a file: {files}.";
        if (Named(CostSource.Trace) is { Length: > 0 } traces)
            yield return $"With times of their own, whatever --costs says: {traces}.";

        string Named(CostSource source) => string.Join(", ", rows.Where(row => row.Costs == source).Select(row => row.Name));
    }
}
