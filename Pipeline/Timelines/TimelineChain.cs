using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>The critical path of a timeline: the events that, back from the last end, each let the next one start.</summary>
/// <param name="Events">Their indices in <see cref="Timeline.Events"/>, in the order of time.</param>
/// <param name="Working">The time in which one of them ran.</param>
/// <param name="Waiting">The rest of the makespan: transfers, and gaps that nothing in the timeline explains.</param>
internal readonly record struct TimelineChain(ImmutableArray<int> Events, double Working, double Waiting)
{
    internal static TimelineChain Of(Timeline timeline, TimelineOrder order)
    {
        var events = timeline.Events;
        if (events.IsEmpty)
            return new([], 0, 0);
        var chain = new List<int>();
        // A result may be on its way before its action has ended; time that two of them share counts once.
        var (working, from) = (0.0, timeline.End);
        for (var i = Last(timeline); i != TimelineOrder.None; i = order.Gate(i))
        {
            chain.Add(i);
            working += Math.Max(0, Math.Min(events[i].End, from) - events[i].Start);
            from = Math.Min(from, events[i].Start);
        }
        chain.Reverse();
        return new([.. chain], working, Math.Max(0, timeline.Makespan - working));
    }

    private static int Last(Timeline timeline) =>
        Enumerable.Range(0, timeline.Events.Length).MaxBy(i => (timeline.Events[i].End, timeline.Events[i].Duration));
}
