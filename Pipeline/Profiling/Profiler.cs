namespace AutogradCore.Pipeline;

/// <summary>Turns recorded steps into costs that the simulator can play other schedules with.</summary>
public static class Profiler
{
    /// <summary>Median times of F, I and W of each stage for one microbatch, in seconds;
    /// of an unsplit B, half each to I and W.</summary>
    /// <remarks>
    /// The sum of gradients of weights that other stages share is a stage's <see cref="StageCosts.AllReduce"/>.
    /// W of several microbatches in one call count equally for each. A stage that was never seen doing something costs nothing
    /// there. What F and I spend on handing their results on is counted once: with the links where <paramref name="link"/>
    /// measures them, else with F and I, and links are free.
    /// </remarks>
    /// <param name="timelines">Timelines of steps of one run, without the first ones, which compile code.</param>
    /// <param name="stages">How many stages the run has.</param>
    /// <param name="link">Latency and bandwidth for a message of so many bytes, as <see cref="LinkProbe.Measure"/> finds them;
    /// the run has one stage per rank then.</param>
    public static StageCosts Costs(IEnumerable<Timeline> timelines, int stages, Func<long, Link>? link = null)
    {
        TimelineEvent[] events = [.. timelines.SelectMany(t => t.Events)];
        ILookup<(int Stage, ActionKind Kind), double> times = events.ToLookup(e => (e.Action.Stage, e.Action.Kind),
            e => (e.Duration - (link is null ? 0 : e.Sending)) / e.Microbatches);
        double Time(int stage, ActionKind kind)
        {
            if (times.Contains((stage, kind))) return Median(times[(stage, kind)]);
            bool halves = kind is ActionKind.BackwardInputs or ActionKind.BackwardWeights;
            return halves && times.Contains((stage, ActionKind.Backward)) ? Median(times[(stage, ActionKind.Backward)]) / 2 : 0;
        }
        IEnumerable<int> all = Enumerable.Range(0, stages);
        StageCosts costs = new(
            [.. all.Select(s => Time(s, ActionKind.Forward))],
            [.. all.Select(s => Time(s, ActionKind.BackwardInputs))],
            [.. all.Select(s => Time(s, ActionKind.BackwardWeights))],
            link is null ? [] : [.. Links(events, Enumerable.Range(1, Math.Max(0, stages - 1)), forward: true, link)],
            TimeUnit.Seconds)
        {
            AllReduce = [.. all.Select(s => Time(s, ActionKind.ReduceGradient))],
        };
        return link is null
            ? costs
            : costs with { BackLinks = [.. Links(events, Enumerable.Range(0, Math.Max(0, stages - 1)), forward: false, link)] };
    }

    /// <summary>The middle value; the mean of the two middle ones of an even number; NaN of none.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The links into stages, each with the most bytes that arrived there in one piece of work.</summary>
    private static IEnumerable<Link> Links(
        IReadOnlyList<TimelineEvent> events, IEnumerable<int> into, bool forward, Func<long, Link> link)
    {
        ILookup<int, long> moved = events
            .Where(e => forward
                ? e.Action.Kind == ActionKind.Forward
                : e.Action.Kind is ActionKind.BackwardInputs or ActionKind.Backward)
            .ToLookup(e => e.Action.Stage, e => e.MovedBytes);
        return into.Select(stage => moved[stage].DefaultIfEmpty().Max())
            .Select(bytes => link(bytes) with { Bytes = bytes });
    }
}
