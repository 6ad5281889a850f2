using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace AutogradCore.Pipeline;

/// <summary>A schedule with a time for every action, and the events that this makes.</summary>
internal sealed class Played
{
    private readonly JobGraph _graph;
    private readonly double[] _starts;
    private readonly double[] _finishes;
    private readonly double[] _arrivals;
    private readonly List<TimelineEvent>? _transfers;

    private Played(JobGraph graph, double[] starts, double[] finishes, double[] arrivals, List<TimelineEvent>? transfers) =>
        (_graph, _starts, _finishes, _arrivals, _transfers) = (graph, starts, finishes, arrivals, transfers);

    internal static Played Run(Schedule schedule, StageCosts costs)
    {
        var graph = new JobGraph(Collectives.Insert(schedule, costs), costs);
        if (costs.Transfers == TransferMode.Blocking)
        {
            var meetings = new RendezvousWalk(graph);
            meetings.Run();
            return new(graph, meetings.Starts, meetings.Finishes, meetings.Arrivals, meetings.Transfers);
        }
        var walk = new JobWalk(graph);
        walk.Run();
        return new(graph, walk.Starts, walk.Finishes, walk.Arrivals, null);
    }

    internal (double Start, double End) Span() =>
        _graph.Count == 0 ? (0, 0) : (_starts.Min(), Math.Max(_finishes.Max(), LastTransfer()));

    private double LastTransfer() => _transfers is null ? 0 : _transfers.Select(e => e.End).DefaultIfEmpty().Max();

    /// <summary>The end of all, and the longest time of a rank from its first start to its last end.</summary>
    internal (double Makespan, double Longest) Spans()
    {
        var longest = 0.0;
        for (var rank = 0; rank < _graph.Schedule.Ranks; rank++)
        {
            var (first, end) = (_graph.FirstId[rank], _graph.FirstId[rank + 1]);
            while (first < end && _graph.Schedule[rank][first - _graph.FirstId[rank]].Kind.IsTransfer())
                first++; // a RECV is posted long before there is work
            if (first < end)
                longest = Math.Max(longest, _finishes.Skip(first).Take(end - first).Max() - _starts[first]);
        }
        return (Span().End, longest);
    }

    /// <summary>All events, sorted by rank, then by start. A transfer that does not block takes no time of its rank and is no
    /// event, whether the schedule spells it out or not.</summary>
    internal ImmutableArray<TimelineEvent> Events()
    {
        var (schedule, costs) = (_graph.Schedule, _graph.Costs);
        var spelled = _transfers is null ? schedule.Actions.Sum(list => list.Count(action => action.Kind.IsTransfer())) : 0;
        var events = new TimelineEvent[_graph.Count - spelled + (_transfers?.Count ?? 0)];
        var count = 0;
        for (var rank = 0; rank < schedule.Ranks; rank++)
        {
            var memory = new MemoryWalk(costs, []);
            var (first, free) = (count, 0.0);
            for (var step = 0; step < schedule[rank].Length; step++)
            {
                var (action, id) = (schedule[rank][step], _graph.FirstId[rank] + step);
                if (_transfers is null && action.Kind.IsTransfer())
                    continue;
                events[count++] = new(rank, action, _starts[id], _finishes[id] - _starts[id])
                {
                    HeldBytes = memory.Run(action),
                    MovedBytes = Moved(id, action, costs),
                    WaitedFor = WaitedFor(id, free),
                };
                free = _graph.Beside is { } beside && beside[id] ? free : _finishes[id];
            }
            if (_transfers is not null)
                count = Merge(events, first, count, _transfers.Where(e => e.Rank == rank));
            else if (_graph.Beside is not null)
                Sort(events, first, count);
        }
        return ImmutableCollectionsMarshal.AsImmutableArray(events);
    }

    // A transfer is booked where its result is used; one that blocks is an event, and is booked at both ends.
    private long Moved(int id, Action action, StageCosts costs)
    {
        if (action.Kind.IsTransfer())
            return (long)LinkOf(action, costs).Bytes;
        if (action.Kind == ActionKind.ReduceGradient)
            return costs.AllReduceBytes[action.Stage];
        var need = _graph.Remote[id];
        var from = action.Kind == ActionKind.Forward ? action.Stage - 1 : action.Stage + 1;
        return need < 0 || _graph.Receiver[need] < 0 ? 0 : (long)costs.LinkBetween(from, action.Stage).Bytes;
    }

    private static Link LinkOf(Action transfer, StageCosts costs) => transfer.Kind switch
    {
        ActionKind.SendForward => costs.LinkBetween(transfer.Stage, transfer.Stage + 1),
        ActionKind.ReceiveForward => costs.LinkBetween(transfer.Stage - 1, transfer.Stage),
        ActionKind.SendBackward => costs.LinkBetween(transfer.Stage, transfer.Stage - 1),
        _ => costs.LinkBetween(transfer.Stage + 1, transfer.Stage),
    };

    private Action? WaitedFor(int id, double free)
    {
        var need = _graph.Remote[id];
        return need >= 0 && _graph.Receiver[need] >= 0 && _arrivals[need] > free && _arrivals[need] >= _starts[id]
            ? MadeBy(need)
            : null;
    }

    // A SEND that does not block is no event; what it hands on was made by one.
    private Action MadeBy(int id) =>
        _transfers is null && ActionOf(id).Kind.IsTransfer() ? ActionOf(_graph.Local[id]) : ActionOf(id);

    private Action ActionOf(int id)
    {
        var rank = Array.BinarySearch(_graph.FirstId, id);
        rank = rank < 0 ? ~rank - 1 : rank;
        while (_graph.FirstId[rank + 1] == id)
            rank++;
        return _graph.Schedule[rank][id - _graph.FirstId[rank]];
    }

    // Transfers know no bytes held; they hold what the event before them left.
    private static int Merge(TimelineEvent[] events, int first, int count, IEnumerable<TimelineEvent> transfers)
    {
        foreach (var transfer in transfers)
            events[count++] = transfer;
        Sort(events, first, count);
        for (var i = first + 1; i < count; i++)
            events[i] = events[i].HeldBytes is null ? events[i] with { HeldBytes = events[i - 1].HeldBytes } : events[i];
        return count;
    }

    private static void Sort(TimelineEvent[] events, int first, int count)
    {
        var sorted = events[first..count].OrderBy(e => e.Start).ToArray();
        sorted.CopyTo(events, first);
    }
}
