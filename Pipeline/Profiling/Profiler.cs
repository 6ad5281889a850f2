namespace AutogradCore.Pipeline;

/// <summary>Turns recorded steps into costs that the simulator can play other schedules with.</summary>
public static class Profiler
{
    /// <summary>Median times of F, I and W of each stage for one microbatch, in seconds;
    /// of an unsplit B, half each to I and W.</summary>
    /// <remarks>W of several microbatches in one call count equally for each. A stage that was never seen doing something costs
    /// nothing there.</remarks>
    /// <param name="timelines">Timelines of steps of one run, without the first ones, which compile code.</param>
    /// <param name="stages">How many stages the run has.</param>
    public static StageCosts Costs(IEnumerable<Timeline> timelines, int stages)
    {
        ILookup<(int Stage, ActionKind Kind), double> times = timelines.SelectMany(t => t.Events)
            .ToLookup(e => (e.Action.Stage, e.Action.Kind), e => e.Duration / e.Microbatches);
        double Time(int stage, ActionKind kind)
        {
            if (times.Contains((stage, kind))) return Median(times[(stage, kind)]);
            bool halves = kind is ActionKind.BackwardInputs or ActionKind.BackwardWeights;
            return halves && times.Contains((stage, ActionKind.Backward)) ? Median(times[(stage, ActionKind.Backward)]) / 2 : 0;
        }
        IEnumerable<int> all = Enumerable.Range(0, stages);
        return new StageCosts(
            [.. all.Select(s => Time(s, ActionKind.Forward))],
            [.. all.Select(s => Time(s, ActionKind.BackwardInputs))],
            [.. all.Select(s => Time(s, ActionKind.BackwardWeights))],
            unit: TimeUnit.Seconds);

    }

    /// <summary>The middle value; the mean of the two middle ones of an even number; NaN of none.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
