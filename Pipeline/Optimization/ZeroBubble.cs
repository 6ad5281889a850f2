using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>A schedule made for given costs: the zero-bubble heuristic (arXiv 2401.10241), for unequal stages too.</summary>
/// <remarks>
/// The paper's choices (wait for the first I or not, I before F or in turns, W into any gap or only where they fit) are all
/// tried, and so are fixed warm-ups from 1F1B's on, with W placed into the waits. The shortest makespan wins; on a tie the
/// shortest span, which is a rank's time from its first to its last action and the paper's measure.
/// </remarks>
public static class ZeroBubble
{
    /// <summary>A schedule for stages on ranks in a loop: stage s on rank s mod ranks; one stage per rank when equal.</summary>
    /// <param name="costs">Costs of all stages.</param>
    /// <param name="ranks">How many ranks; at least 1 and at most the number of stages.</param>
    /// <param name="microbatches">At least 1.</param>
    /// <param name="memoryCap">The most that each rank may hold, by the costs' memory.</param>
    /// <exception cref="ScheduleException">Impossible numbers, or a cap with no room for one microbatch.</exception>
    public static Schedule Schedule(StageCosts costs, int ranks, int microbatches, MemoryCap memoryCap = default) =>
        Best(costs, StagePlacement.Loop(ranks, costs.Stages), microbatches, memoryCap);

    /// <summary>A schedule for any placement of stages.</summary>
    /// <param name="costs">Costs of all stages.</param>
    /// <param name="rankOfStage">The rank of each stage; for a V of two ranks 0, 1, 1, 0.</param>
    /// <param name="microbatches">At least 1.</param>
    /// <param name="memoryCap">The most that each rank may hold, by the costs' memory.</param>
    /// <exception cref="ScheduleException">Impossible numbers, or a cap with no room for one microbatch.</exception>
    public static Schedule Schedule(
        StageCosts costs, ImmutableArray<int> rankOfStage, int microbatches, MemoryCap memoryCap = default) =>
        Best(costs, new(rankOfStage, costs.Stages), microbatches, memoryCap);

    internal static Schedule Best(StageCosts costs, StagePlacement placement, int microbatches, MemoryCap cap)
    {
        if (microbatches < 1)
            throw new ScheduleException($"A schedule for {microbatches} microbatches.", "at least 1 microbatch is needed.");
        cap.RequireRanks(placement.Ranks);
        return Candidates(costs, placement, microbatches, cap)
            .Select(schedule => (Schedule: schedule, Rating: Rating.Of(schedule, costs)))
            .Aggregate(((Schedule Schedule, Rating Rating)?)null,
                (best, next) => best is { } b && !next.Rating.IsBetterThan(b.Rating) ? best : next)?.Schedule
            ?? throw new ScheduleException(
                "The memory cap has no room for one microbatch on every rank.", "raise the cap, or put fewer stages on a rank.");
    }

    private static IEnumerable<Schedule> Candidates(StageCosts costs, StagePlacement placement, int microbatches, MemoryCap cap)
    {
        var limits = new WeightLimits(int.MaxValue, cap);
        var several = placement.Stages > placement.Ranks;
        if (!several)
            foreach (var spine in WarmUp.Spines(costs, placement, microbatches, cap))
                yield return FillWaits.Best(spine, costs, limits);
        foreach (var options in GreedyOptions.All(several))
        {
            if (new GreedyScheduler(costs, placement, microbatches, cap, options).Run() is not { } greedy)
                continue;
            yield return greedy;
            yield return FillWaits.Best(SplitBackward.Spine(greedy).Named(greedy.Name), costs, limits);
        }
    }
}
