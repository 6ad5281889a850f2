using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>Plays a schedule against costs: each rank runs its list in order, each action as soon as it can.</summary>
/// <remarks>A pure function, O(actions): times follow from the lists and the dependencies alone.</remarks>
public static class Simulator
{
    /// <summary>The timeline of a legal schedule, starting at 0.</summary>
    /// <param name="schedule">A legal schedule.</param>
    /// <param name="costs">Costs of its stages, and of the links where neighbouring stages live on different ranks.</param>
    /// <exception cref="ScheduleException">The schedule breaks a rule, or stages and costs differ in number.</exception>
    public static Timeline Run(Schedule schedule, StageCosts costs)
    {
        ScheduleValidator.Check(schedule);
        RequireSameStages(schedule, costs);
        var starts = Starts(new ScheduleIndex(schedule), costs);
        var events = ImmutableArray.CreateBuilder<TimelineEvent>(schedule.Count);
        for (var rank = 0; rank < schedule.Ranks; rank++)
            foreach (var action in schedule[rank])
                events.Add(new(rank, action, starts[events.Count], costs.Of(action)));
        return new(schedule.Name, schedule.Ranks, events.MoveToImmutable(), costs.Unit);
    }

    /// <summary>When each action starts, by id; for lists that are known to reach their end.</summary>
    internal static double[] Starts(ScheduleIndex index, StageCosts costs)
    {
        var schedule = index.Schedule;
        var starts = new double[schedule.Count];
        var finishes = new double[schedule.Count];
        var free = new double[schedule.Ranks];
        ListWalk.Run(index, (id, rank, action, needs) =>
        {
            var start = free[rank];
            foreach (var need in needs)
                start = Math.Max(start, finishes[index.Find(need)] + Delay(schedule, rank, action, need, costs));
            starts[id] = start;
            free[rank] = finishes[id] = start + costs.Of(action);
        });
        return starts;
    }

    /// <summary>The makespan alone; for lists that are known to reach their end.</summary>
    internal static double Makespan(Schedule schedule, StageCosts costs)
    {
        var index = new ScheduleIndex(schedule);
        var starts = Starts(index, costs);
        var makespan = 0.0;
        for (var rank = 0; rank < schedule.Ranks; rank++)
            if (schedule[rank] is [.., var last])
                makespan = Math.Max(makespan, starts[index.IdOf(rank, schedule[rank].Length - 1)] + costs.Of(last));
        return makespan;
    }

    /// <summary>The time between the end of a need and the moment its result is on this rank.</summary>
    internal static double Delay(Schedule schedule, int rank, Action action, Action need, StageCosts costs) =>
        schedule.RankOf(need.Stage) == rank ? 0 : costs.Transfer(action.Stage, need.Stage);

    internal static void RequireSameStages(Schedule schedule, StageCosts costs)
    {
        if (schedule.Stages != costs.Stages)
            throw new ScheduleException(
                $"Schedule '{schedule.Name}' has {schedule.Stages} stages, the costs have {costs.Stages}.",
                "give F, I and W for each stage of the schedule.");
    }
}
