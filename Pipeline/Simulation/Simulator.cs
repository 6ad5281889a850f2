namespace AutogradCore.Pipeline;

/// <summary>Plays a schedule against costs: each rank runs its list in order, each action as soon as it can.</summary>
/// <remarks>A pure function, O(actions): times follow from the lists and the dependencies alone.</remarks>
public static class Simulator
{
    /// <summary>The timeline of a legal schedule, starting at 0.</summary>
    /// <remarks>
    /// Each event tells the graph state held after it, without parameters, and what it waited for on another rank. Sums of
    /// gradients that the costs ask for are events of their own, and so are transfers that block. Otherwise a spelled-out RECV is
    /// posted where it stands and the F, I or B that reads its data waits, so a schedule takes the same time with its transfers
    /// spelled out and without.
    /// </remarks>
    /// <param name="schedule">A legal schedule.</param>
    /// <param name="costs">Costs of its stages, and of the links where neighbouring stages live on different ranks.</param>
    /// <exception cref="ScheduleException">
    /// The schedule breaks a rule, stages and costs differ in number, or spelled-out transfers that block wait in a circle.
    /// </exception>
    public static Timeline Run(Schedule schedule, StageCosts costs)
    {
        var played = Played.Run(Checked(schedule, costs), costs);
        return new(schedule.Name, schedule.Ranks, played.Events(), costs.Unit)
        {
            ParameterBytes = costs.CountsBytes ? HeldBytes.Parameters(schedule, costs) : [],
        };
    }

    /// <summary>The makespan, idle times and peaks alone: no events are made.</summary>
    /// <param name="schedule">A legal schedule.</param>
    /// <param name="costs">Costs of its stages and links.</param>
    /// <exception cref="ScheduleException">As for <see cref="Run"/>.</exception>
    public static SimulationSummary Summarize(Schedule schedule, StageCosts costs)
    {
        var played = Played.Run(Checked(schedule, costs), costs);
        var (start, end) = played.Span();
        var makespan = end - start;
        var busy = schedule.Actions.Select(list => list.Sum(a => a.Kind.IsCompute() ? costs.Of(a) : 0)).ToArray();
        return new()
        {
            Makespan = makespan,
            BubbleRatio = makespan > 0 ? Math.Max(0, 1 - busy.Sum() / (schedule.Ranks * makespan)) : 0,
            Idle = [.. busy.Select(time => makespan - time)],
            Held = HeldState.Peaks(schedule),
            PeakBytes = HeldBytes.Peaks(schedule, costs),
            ParameterBytes = HeldBytes.Parameters(schedule, costs),
        };
    }

    /// <summary>The makespan alone; for lists that are known to reach their end.</summary>
    internal static double Makespan(Schedule schedule, StageCosts costs) => Played.Run(schedule, costs).Span().End;

    /// <summary>Refuses costs of other stages, and memory whose sum over all microbatches is beyond 2^63 bytes.</summary>
    internal static void RequireFit(Schedule schedule, StageCosts costs)
    {
        if (schedule.Stages != costs.Stages)
            throw new ScheduleException(
                $"Schedule '{schedule.Name}' has {schedule.Stages} stages, the costs have {costs.Stages}.",
                "give F, I and W for each stage of the schedule.");
        var bytes = costs.Memory.Sum(m =>
            m.Parameters + (double)schedule.Microbatches * ((double)m.AfterForward + m.AfterInputs + m.Input));
        if (bytes >= long.MaxValue)
            throw new ScheduleException(
                FormattableString.Invariant($"Costs: {schedule.Microbatches} microbatches hold {bytes:0.##E+0} bytes."),
                "memory is in bytes per microbatch.");
    }

    private static Schedule Checked(Schedule schedule, StageCosts costs)
    {
        ScheduleValidator.Check(schedule);
        RequireFit(schedule, costs);
        return schedule;
    }
}
