using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>The most bytes each rank holds, by the memory of its stages.</summary>
public static class HeldBytes
{
    /// <summary>The peaks of each rank of a legal schedule, parameters included. They depend on the order of actions, not on
    /// their times.</summary>
    /// <param name="schedule">A legal schedule.</param>
    /// <param name="costs">The memory of its stages; in microbatches by default.</param>
    /// <exception cref="ScheduleException">Schedule and costs differ in the number of stages.</exception>
    public static ImmutableArray<long> Peaks(Schedule schedule, StageCosts costs)
    {
        Simulator.RequireFit(schedule, costs);
        var stages = StagesByRank(schedule);
        return [.. schedule.Actions.Select((list, rank) => Peak(list, costs, stages[rank]))];
    }

    /// <summary>What each rank holds all the time: parameters, their gradients, the optimizer's state.</summary>
    /// <param name="schedule">A legal schedule.</param>
    /// <param name="costs">The memory of its stages.</param>
    /// <exception cref="ScheduleException">Schedule and costs differ in the number of stages.</exception>
    public static ImmutableArray<long> Parameters(Schedule schedule, StageCosts costs)
    {
        Simulator.RequireFit(schedule, costs);
        var stages = StagesByRank(schedule);
        return [.. Enumerable.Range(0, schedule.Ranks).Select(rank => stages[rank].Sum(s => costs.Memory[s].Parameters))];
    }

    internal static ILookup<int, int> StagesByRank(Schedule schedule) =>
        Enumerable.Range(0, schedule.Stages).ToLookup(schedule.RankOf);

    private static long Peak(ImmutableArray<Action> list, StageCosts costs, IEnumerable<int> stages)
    {
        var walk = new MemoryWalk(costs, stages);
        foreach (var action in list)
            walk.Run(action);
        return walk.Peak;
    }
}
