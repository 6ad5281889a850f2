using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>Says whether a schedule can run, by a table of rules; a schedule that passes cannot deadlock.</summary>
public static class ScheduleValidator
{
    /// <summary>The rules, in the order in which they are checked.</summary>
    public static ImmutableArray<ScheduleRule> Rules => ScheduleRules.Table;

    /// <summary>The violations of the first rule that is broken, in rank and step order; empty for a legal schedule.</summary>
    /// <param name="schedule">Any schedule.</param>
    public static ImmutableArray<ScheduleViolation> Violations(Schedule schedule)
    {
        ThrowIfMostlyHoles(schedule);
        var index = new ScheduleIndex(schedule);
        foreach (var rule in Rules)
            if (rule.Check(index).ToImmutableArray() is { Length: > 0 } violations)
                return violations;
        return [];
    }

    /// <summary>Returns when the schedule is legal.</summary>
    /// <param name="schedule">Any schedule.</param>
    /// <exception cref="ScheduleException">A rule is broken: names rank, step, action and need, with a picture.</exception>
    public static void Check(Schedule schedule) => ThrowAny(schedule, Violations(schedule));

    /// <summary>Throws the first violation, with a picture of its place.</summary>
    internal static void ThrowAny(Schedule schedule, ImmutableArray<ScheduleViolation> violations)
    {
        if (violations is not [var first, ..])
            return;
        var note = first.Needs is { } needs ? $"needs {needs}" : first.Rule.Name;
        throw new ScheduleException(first, ScheduleGrid.DrawAround(schedule, first.Rank, first.Step, note));
    }

    // Guards time: rules go through stages x microbatches, and a legal schedule has more actions than that.
    private static void ThrowIfMostlyHoles(Schedule schedule)
    {
        var pairs = (long)schedule.Stages * schedule.Microbatches;
        if (pairs > schedule.Count)
            throw new ScheduleException(
                $"{schedule}, which needs at least {2 * pairs} actions; it has {schedule.Count}.",
                "is a stage or microbatch number mistyped?");
    }
}
