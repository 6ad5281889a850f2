using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>List scheduling: play the schedule in time, and where a rank would wait, run the oldest W it owes.</summary>
/// <remarks>
/// In a wait shorter than W it is not known beforehand whether delaying the next action pays, so several thresholds are
/// played and the shortest makespan wins; the zero-bubble scheduler (arXiv 2401.10241) tries its options the same way.
/// </remarks>
internal sealed class FillWaits
{
    // The share of a W that a wait must hold: all of it (no F or I is ever delayed), half of it, or none.
    private static readonly double[] Shares = [1, 0.5, 0];

    private readonly Schedule _spine;
    private readonly ScheduleIndex _index;
    private readonly StageCosts _costs;
    private readonly double _share;
    private readonly int _pendingLimit;

    private readonly double[] _earliest;
    private readonly double[] _finishes;
    private readonly int[] _next;
    private readonly WeightQueue[] _owed;
    private readonly ImmutableArray<Action>.Builder[] _placed;
    private readonly Dictionary<int, List<int>> _parked = [];
    private readonly PriorityQueue<int, (double Time, int Rank)> _wakeUps = new();

    private FillWaits(ScheduleIndex index, StageCosts costs, double[] earliest, double share, int pendingLimit)
    {
        (_index, _costs, _earliest, _share, _pendingLimit) = (index, costs, earliest, share, pendingLimit);
        _spine = index.Schedule;
        _finishes = new double[_spine.Count];
        Array.Fill(_finishes, double.NaN);
        _next = new int[_spine.Ranks];
        _owed = [.. _next.Select(_ => new WeightQueue(_spine.Microbatches))];
        _placed = [.. _next.Select(_ => ImmutableArray.CreateBuilder<Action>())];
    }

    /// <summary>The placement with the shortest makespan; on a tie the one that delays F and I least.</summary>
    internal static Schedule Best(Schedule spine, StageCosts costs, int pendingLimit)
    {
        var index = new ScheduleIndex(spine);
        var earliest = Simulator.Starts(index, costs);
        var best = new FillWaits(index, costs, earliest, Shares[0], pendingLimit).Play();
        var shortest = Simulator.Makespan(best, costs);
        var others = Shares.Skip(1)
            .Select(share => new FillWaits(index, costs, earliest, share, pendingLimit).Play())
            .Append(SplitBackward.WeightsAtOnce(spine));
        foreach (var other in others)
        {
            var makespan = Simulator.Makespan(other, costs);
            if (makespan < shortest * (1 - 1e-9)) // rounding makes no winner
                (best, shortest) = (other, makespan);
        }
        return best;
    }

    private Schedule Play()
    {
        for (var rank = 0; rank < _spine.Ranks; rank++)
            _wakeUps.Enqueue(rank, (0, rank));
        while (_wakeUps.TryDequeue(out var rank, out var at))
            if (_next[rank] < _spine[rank].Length)
                Advance(rank, at.Time);
        for (var rank = 0; rank < _spine.Ranks; rank++)
            _placed[rank].AddRange(_owed[rank].TakeAll());
        return new(_spine.Name, _placed.Select(list => list.ToImmutable()).ToImmutableArray());
    }

    // One decision of a rank that is free now.
    private void Advance(int rank, double now)
    {
        var action = _spine[rank][_next[rank]];
        var id = _index.IdOf(rank, _next[rank]);
        if (action.Kind == ActionKind.BackwardInputs && _owed[rank].Pending >= _pendingLimit && RunWeights(rank, now))
            return;
        var arrival = Arrival(rank, action, out var unknown);
        if (arrival <= now * (1 + 1e-9))
            Run(rank, action, id, now);
        else if (_owed[rank].TryPeek(out var weights) && Wait(id, arrival, now) >= _share * _costs.Of(weights) * (1 - 1e-9))
            RunWeights(rank, now);
        else if (unknown is { } need)
            Park(rank, need);
        else
            _wakeUps.Enqueue(rank, (arrival, rank));
    }

    // When the needs will be here: NaN while one of them has not started.
    private double Arrival(int rank, Action action, out int? unknown)
    {
        unknown = null;
        var arrival = 0.0;
        Span<Action> room = stackalloc Action[Dependencies.Most];
        foreach (var need in Dependencies.Of(action, _index, room))
        {
            var id = _index.Find(need);
            if (double.IsNaN(_finishes[id]))
                unknown = id;
            arrival = Math.Max(arrival, _finishes[id] + Simulator.Delay(_spine, rank, action, need, _costs));
        }
        return arrival;
    }

    // Without any W the action starts at its earliest; W only delay, so this never overestimates the wait.
    private double Wait(int id, double arrival, double now) =>
        (double.IsNaN(arrival) ? Math.Max(_earliest[id], now) : arrival) - now;

    private void Run(int rank, Action action, int id, double now)
    {
        _finishes[id] = now + _costs.Of(action);
        _placed[rank].Add(action);
        _next[rank]++;
        if (action.Kind == ActionKind.BackwardInputs)
            _owed[rank].Owe(action);
        if (_parked.Remove(id, out var waiting))
            foreach (var other in waiting)
                _wakeUps.Enqueue(other, (now, other));
        _wakeUps.Enqueue(rank, (_finishes[id], rank));
    }

    private bool RunWeights(int rank, double now)
    {
        if (!_owed[rank].TryTake(out var weights))
            return false;
        _placed[rank].Add(weights);
        _wakeUps.Enqueue(rank, (now + _costs.Of(weights), rank));
        return true;
    }

    private void Park(int rank, int need)
    {
        if (!_parked.TryGetValue(need, out var waiting))
            _parked[need] = waiting = [];
        waiting.Add(rank);
    }
}
