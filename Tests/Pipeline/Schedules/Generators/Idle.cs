using AutogradCore.Pipeline;

namespace AutogradCore.Tests.Pipeline;

/// <summary>How long ranks stand idle, in the two conventions of the literature; every rank has the same work.</summary>
internal static class Idle
{
    /// <summary>The makespan less the work of a rank.</summary>
    internal static double InMakespan(Schedule schedule, StageCosts? costs = null)
    {
        var timeline = Run(schedule, costs);
        return timeline.Makespan - timeline.Busy(0);
    }

    /// <summary>From a rank's first action to its last, less its work, on the rank where that is most: what is left when each
    /// rank starts its next step at once.</summary>
    internal static double InSpan(Schedule schedule, StageCosts? costs = null)
    {
        var timeline = Run(schedule, costs);
        return Enumerable.Range(0, timeline.Ranks).Max(r => timeline.On(r)[^1].End - timeline.On(r)[0].Start - timeline.Busy(r));
    }

    /// <summary>The most that each rank holds from F to the end of W or B.</summary>
    internal static IEnumerable<int> Held(Schedule schedule) => HeldState.Peaks(schedule).Select(peak => peak.Either);

    private static Timeline Run(Schedule schedule, StageCosts? costs) =>
        Simulator.Run(schedule, costs ?? StageCosts.Uniform(schedule.Stages));
}
