namespace AutogradCore.Pipeline;

/// <summary>What came before each event of a timeline: on its own rank, and on others the events whose results it read.</summary>
/// <remarks>
/// Events are named by their index in <see cref="Timeline.Events"/>. An event only ever follows one that started earlier (or
/// stands before it, where both start and end together), so that walking back always ends, whatever the recorded times.
/// </remarks>
internal sealed class TimelineOrder
{
    /// <summary>The answer where no event comes before.</summary>
    internal const int None = -1;

    private readonly Timeline _timeline;
    private readonly int[] _byTime;
    private readonly int[] _place;
    private readonly int[] _previous;
    private readonly ILookup<Action, int> _of;

    internal TimelineOrder(Timeline timeline)
    {
        _timeline = timeline;
        var events = timeline.Events;
        // Sums of rounded durations differ in their last bits; so do clocks read one after another.
        Tolerance = timeline.Makespan * 1e-9;
        _byTime = [.. Enumerable.Range(0, events.Length).OrderBy(i => events[i].Start).ThenBy(i => events[i].End)];
        _place = new int[events.Length];
        for (var place = 0; place < _byTime.Length; place++)
            _place[_byTime[place]] = place;
        _of = events.SelectMany((e, i) => e.Actions.Select(action => (action, i))).ToLookup(pair => pair.action, pair => pair.i);
        _previous = new int[events.Length];
        foreach (var rank in Enumerable.Range(0, events.Length).GroupBy(i => events[i].Rank))
            FindPrevious([.. rank]);
    }

    /// <summary>Times closer than this are the same moment.</summary>
    internal double Tolerance { get; }

    /// <summary>All events by start, then by end.</summary>
    internal ReadOnlySpan<int> ByTime => _byTime;

    /// <summary>The last event on the same rank that ended when this one started, or before.</summary>
    internal int Previous(int index) => _previous[index];

    /// <summary>The latest event before this one that covers an action.</summary>
    internal int Before(int index, Action action) =>
        _of[action].Where(i => _place[i] < _place[index]).DefaultIfEmpty(None).MaxBy(i => i == None ? None : _place[i]);

    /// <summary>The earlier events whose results this one read.</summary>
    internal IEnumerable<int> Reads(int index) =>
        _timeline.Events[index].Actions.SelectMany(Inputs).Select(action => Before(index, action)).Where(i => i != None);

    /// <summary>The event whose end let this one start; <see cref="None"/> for the first.</summary>
    /// <remarks>What it waited for, where the run recorded that; else its rank's previous event, where that ended at its start;
    /// else whichever ended last of those and of the events it read.</remarks>
    internal int Gate(int index)
    {
        var e = _timeline.Events[index];
        if (e.WaitedFor is { } awaited && Before(index, awaited) is var source && source != None)
            return source;
        var gate = _previous[index];
        if (gate != None && _timeline.Events[gate].End >= e.Start - Tolerance)
            return gate;
        foreach (var read in Reads(index))
            if (gate == None || _timeline.Events[read].End > _timeline.Events[gate].End)
                gate = read;
        return gate;
    }

    // Both walks go forward: one over the starts of a rank, one over its ends.
    private void FindPrevious(int[] byStart)
    {
        var events = _timeline.Events;
        var byEnd = byStart.OrderBy(i => events[i].End).ThenBy(i => _place[i]).ToArray();
        var (next, last) = (0, None);
        foreach (var i in byStart.OrderBy(i => _place[i]))
        {
            var start = events[i].Start + Tolerance;
            while (next < byEnd.Length && events[byEnd[next]].End <= start && _place[byEnd[next]] < _place[i])
                last = byEnd[next++];
            _previous[i] = last;
        }
    }

    private static IEnumerable<Action> Inputs(Action action)
    {
        var (before, after) = (action with { Stage = action.Stage - 1 }, action with { Stage = action.Stage + 1 });
        return action.Kind switch
        {
            ActionKind.Forward => [before.As(ActionKind.Forward), action.As(ActionKind.ReceiveForward)],
            ActionKind.BackwardInputs or ActionKind.Backward =>
                [after.As(ActionKind.BackwardInputs), after.As(ActionKind.Backward), action.As(ActionKind.ReceiveBackward)],
            ActionKind.BackwardWeights => [action.As(ActionKind.BackwardInputs)],
            ActionKind.SendForward => [action.As(ActionKind.Forward)],
            ActionKind.ReceiveForward => [before.As(ActionKind.SendForward)],
            ActionKind.SendBackward => [action.As(ActionKind.BackwardInputs), action.As(ActionKind.Backward)],
            ActionKind.ReceiveBackward => [after.As(ActionKind.SendBackward)],
            _ => [],
        };
    }
}
