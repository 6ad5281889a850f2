namespace AutogradCore.Pipeline;

/// <summary>What each event of a timeline came after: the event before it on its rank, and what its actions need.</summary>
internal sealed class TimelineEdges
{
    private readonly List<(int From, double Lag)> _edges = [];
    private readonly int[] _first;

    internal TimelineEdges(Timeline timeline, StageCosts? costs)
    {
        var events = timeline.Events;
        var index = new ScheduleIndex(new("", Enumerable.Range(0, timeline.Ranks).Select(rank =>
            timeline.On(rank).SelectMany(e => e.Actions))));
        var eventOf = Enumerable.Range(0, events.Length).SelectMany(i => Enumerable.Repeat(i, events[i].Microbatches)).ToArray();
        _first = new int[events.Length + 1];
        Span<Action> room = stackalloc Action[Dependencies.Most];
        for (var i = 0; i < events.Length; i++)
        {
            var e = events[i];
            if (Previous(timeline, i) is >= 0 and var previous)
                _edges.Add((previous, 0));
            foreach (var action in e.Actions)
                foreach (var need in Dependencies.Of(action, index, room))
                    if (index.Find(need) is >= 0 and var id && eventOf[id] != i)
                        _edges.Add((eventOf[id], Lag(e, events[eventOf[id]], need, action, costs)));
            _first[i + 1] = _edges.Count;
        }
    }

    /// <summary>The events before one, and the time that must pass in between.</summary>
    internal ReadOnlySpan<(int From, double Lag)> Before(int at) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_edges)[_first[at].._first[at + 1]];

    private static double Lag(TimelineEvent e, TimelineEvent from, Action need, Action action, StageCosts? costs)
    {
        var known = costs is not null && from.Rank != e.Rank ? costs.Transfer(need.Stage, action.Stage) : 0;
        return Math.Min(Math.Max(0, e.Start - from.End), e.WaitedFor == need ? double.PositiveInfinity : known);
    }

    // The event that had ended on the rank; sums beside the work may still run.
    private static int Previous(Timeline timeline, int at)
    {
        var events = timeline.Events;
        for (var i = at - 1; i >= 0 && events[i].Rank == events[at].Rank; i--)
            if (events[i].End <= events[at].Start + 1e-9 * (timeline.End - timeline.Start))
                return i;
        return -1;
    }
}
