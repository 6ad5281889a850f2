using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>Searches the order of F, I and W of every rank for the shortest makespan, within memory.</summary>
/// <remarks>
/// Starts from the schedule given and from the zero-bubble heuristic, improves the best of them by local search, and for tiny
/// cases proves or beats the result by branch and bound, where transfers run beside the work. The local search and the bound
/// know links that carry one message at a time and transfers that block; the heuristics make their starts as if those ran beside
/// the work, and are rated as they are. Sums of gradients are rated, not searched.
/// </remarks>
public static class ScheduleOptimizer
{
    /// <summary>Searches from the heuristics alone.</summary>
    /// <param name="costs">Costs of all stages.</param>
    /// <param name="ranks">How many ranks; stage s lives on rank s mod ranks.</param>
    /// <param name="microbatches">At least 1.</param>
    /// <param name="memoryCap">The most that each rank may hold, by the costs' memory.</param>
    /// <param name="options">How hard to try.</param>
    /// <param name="cancel">Stops the search with an exception.</param>
    /// <exception cref="ScheduleException">Impossible numbers, or a cap with no room for one microbatch.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static OptimizedSchedule Optimize(
        StageCosts costs, int ranks, int microbatches, MemoryCap memoryCap = default,
        OptimizerOptions? options = null, CancellationToken cancel = default)
    {
        var placement = StagePlacement.Loop(ranks, costs.Stages);
        return Search(ZeroBubble.Best(costs, placement, microbatches, memoryCap), costs, memoryCap, options ?? new(), cancel);
    }

    /// <summary>Searches from a schedule and from the heuristics for its placement.</summary>
    /// <param name="schedule">A legal schedule of F and B, or F, I and W, with a flush and without transfers.</param>
    /// <param name="costs">Costs of its stages.</param>
    /// <param name="memoryCap">The most that each rank may hold, by the costs' memory. The schedule itself may hold more.</param>
    /// <param name="options">How hard to try.</param>
    /// <param name="cancel">Stops the search with an exception.</param>
    /// <exception cref="ScheduleException">An illegal or unsuitable schedule, or a cap too small for one microbatch.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static OptimizedSchedule Optimize(
        Schedule schedule, StageCosts costs, MemoryCap memoryCap = default,
        OptimizerOptions? options = null, CancellationToken cancel = default)
    {
        ScheduleValidator.Check(schedule);
        Simulator.RequireFit(schedule, costs);
        memoryCap.RequireRanks(schedule.Ranks);
        if (schedule.Actions.SelectMany(list => list).FirstOrDefault(a => !a.Kind.IsCompute()) is var other
            && !other.Kind.IsCompute())
            throw new ScheduleException(
                $"'{schedule.Name}' has {other}, which the optimizer does not move.", "optimize the schedule of F, I, W and B.");
        var starts = Starts(schedule, costs, memoryCap).ToImmutableArray();
        var best = starts.MinBy(start => Simulator.Makespan(start, costs))!;
        return Search(best, costs, memoryCap, options ?? new(), cancel);
    }

    private static IEnumerable<Schedule> Starts(Schedule schedule, StageCosts costs, MemoryCap cap)
    {
        var isSplit = schedule.Actions.All(list => list.All(a => a.Kind != ActionKind.Backward));
        var plain = isSplit ? schedule : SplitBackward.Apply(schedule, TwoStage.Eager);
        foreach (var start in new[] { plain, TryFill(schedule, costs, cap) })
            if (start is not null && HeldBytes.Peaks(start, costs).Select((peak, rank) => peak <= cap.On(rank)).All(fits => fits))
                yield return start.Named(schedule.Name);
        yield return ZeroBubble.Best(costs, StagePlacement.Of(schedule), schedule.Microbatches, cap);
    }

    private static Schedule? TryFill(Schedule schedule, StageCosts costs, MemoryCap cap)
    {
        try
        {
            return SplitBackward.Apply(schedule, TwoStage.Fill, costs, memoryCap: cap);
        }
        catch (ScheduleException)
        {
            return null; // its order of F and I does not fit, whatever W do
        }
    }

    private static OptimizedSchedule Search(
        Schedule start, StageCosts costs, MemoryCap cap, OptimizerOptions options, CancellationToken cancel)
    {
        var placement = StagePlacement.Of(start);
        var microbatches = start.Microbatches;
        var bound = new LowerBound(costs, placement, microbatches, cap).Makespan();
        var startMakespan = Simulator.Makespan(start, costs);
        var (found, moves) = new LocalSearch(start, costs, cap, options.Seed).Run(options.Moves, bound, cancel);
        var makespan = Simulator.Makespan(found, costs);
        if (makespan >= startMakespan)
            (found, makespan) = (start, startMakespan);
        if (makespan > bound * (1 + 1e-9) && options.Nodes > 0 && BranchAndBound.Accepts(costs, microbatches))
        {
            var free = costs with { AllReduce = [.. costs.AllReduce.Select(_ => 0.0)] };
            var known = Simulator.Makespan(found, free);
            var (search, better) = BranchAndBound.Run(free, placement, microbatches, cap, known, options.Nodes, cancel);
            if (better is not null && Simulator.Makespan(better, costs) is var shorter && shorter < makespan)
                (found, makespan) = (better, shorter);
            bound = search.IsProven ? Math.Max(bound, search.Makespan) : bound;
        }
        return new()
        {
            Schedule = found.Named($"{start.Name}, optimized"),
            Makespan = makespan,
            Bound = Math.Min(bound, makespan), // sums of times in another order differ in the last bits
            Start = startMakespan,
            Moves = moves,
        };
    }
}
