using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>One row of <c>schedule compare</c>.</summary>
/// <param name="Name">The timeline's name.</param>
/// <param name="Ranks">How many ranks took part.</param>
/// <param name="Unit">What times mean.</param>
/// <param name="Makespan">From the first start to the last end.</param>
/// <param name="Ratio">The makespan over that of the first timeline; null where units differ.</param>
/// <param name="BubbleRatio">The idle share of ranks x makespan.</param>
/// <param name="PeakActivations">The most microbatches whose forward state any rank holds.</param>
/// <param name="PeakDeferred">The most microbatches whose W any rank puts off.</param>
/// <param name="PeakHeld">The most of both together on any rank.</param>
internal sealed record ScheduleComparison(
    string Name, int Ranks, TimeUnit Unit, double Makespan, double? Ratio, double BubbleRatio,
    int PeakActivations, int PeakDeferred, int PeakHeld)
{
    /// <summary>Sums a timeline up, and sets it in relation to another.</summary>
    public static ScheduleComparison Of(Timeline timeline, Timeline first)
    {
        IReadOnlyList<HeldState> peaks = HeldState.Peaks(timeline);
        int Most(Func<HeldState, int> what) => peaks.Select(what).DefaultIfEmpty().Max();
        return new ScheduleComparison(timeline.Name, timeline.Ranks, timeline.Unit, timeline.Makespan,
            timeline.Unit == first.Unit && first.Makespan > 0 ? timeline.Makespan / first.Makespan : null,
            timeline.BubbleRatio, Most(p => p.Forward), Most(p => p.PendingWeights), Most(p => p.Either));
    }
}
