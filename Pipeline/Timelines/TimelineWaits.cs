namespace AutogradCore.Pipeline;

/// <summary>Before this event its rank did nothing for a while.</summary>
/// <param name="Event">The event's index in <see cref="Timeline.Events"/>.</param>
/// <param name="Idle">For how long, in the timeline's unit.</param>
/// <param name="Source">The event that arrived last; <see cref="TimelineOrder.None"/> where the timeline lacks it.</param>
/// <param name="Text">The action waited for; null where nothing in the timeline explains the wait.</param>
/// <param name="Recorded">True where the run itself said so, false where it follows from what the event read.</param>
internal readonly record struct TimelineWait(int Event, double Idle, int Source, string? Text, bool Recorded);

/// <summary>Finds the waits of a timeline.</summary>
internal static class TimelineWaits
{
    internal static IEnumerable<TimelineWait> Of(Timeline timeline, TimelineOrder order)
    {
        var index = 0;
        for (var rank = 0; rank < timeline.Ranks; rank++)
        {
            var busyUntil = timeline.Start;
            foreach (var e in timeline.On(rank))
            {
                var idle = Math.Max(0, e.Start - busyUntil);
                if (idle > order.Tolerance && e.WaitedFor is { } awaited)
                    yield return new(index, idle, order.Before(index, awaited), awaited.ToString(), true);
                else if (idle > order.Tolerance && e.Action.Kind.IsCompute())
                    yield return Inferred(timeline, order, index, idle);
                if (e.Action.Kind.IsCompute())
                    busyUntil = Math.Max(busyUntil, e.End);
                index++;
            }
        }
    }

    private static TimelineWait Inferred(Timeline timeline, TimelineOrder order, int index, double idle)
    {
        var gate = order.Gate(index);
        return gate == TimelineOrder.None || gate == order.Previous(index)
            ? new(index, idle, TimelineOrder.None, null, false)
            : new(index, idle, gate, timeline.Events[gate].Label, false);
    }
}
