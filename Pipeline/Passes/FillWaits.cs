using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>List scheduling: play the schedule in time, and where a rank would wait, run the oldest W it owes.</summary>
/// <remarks>
/// In a wait shorter than W it is not known beforehand whether delaying the next action pays, so several thresholds are
/// played and the shortest makespan wins; the zero-bubble scheduler (arXiv 2401.10241) tries its options the same way.
/// Where memory is short, W run before what needs room.
/// </remarks>
internal sealed class FillWaits
{
    // The share of a W that a wait must hold: all of it (no F or I is ever delayed), half of it, or none.
    private static readonly double[] Shares = [1, 0.5, 0];

    private readonly JobGraph _graph;
    private readonly Schedule _spine;
    private readonly StageCosts _costs;
    private readonly WeightLimits _limits;
    private readonly double _share;

    private readonly double[] _earliest;
    private readonly double[] _finishes;
    private readonly int[] _next;
    private readonly int[] _waitsFor;
    private readonly long[] _held;
    private readonly WeightQueue[] _owed;
    private readonly ImmutableArray<Action>.Builder[] _placed;
    private readonly PriorityQueue<int, (double Time, int Rank)> _wakeUps = new();

    private FillWaits(JobGraph graph, double[] earliest, double share, WeightLimits limits)
    {
        (_graph, _spine, _costs) = (graph, graph.Schedule, graph.Costs);
        (_earliest, _share, _limits) = (earliest, share, limits);
        _finishes = new double[graph.Count];
        Array.Fill(_finishes, double.NaN);
        (_next, _waitsFor) = (new int[_spine.Ranks], new int[_spine.Ranks]);
        Array.Fill(_waitsFor, -1);
        var stages = HeldBytes.StagesByRank(_spine);
        _held = [.. _next.Select((_, rank) => new MemoryWalk(_costs, stages[rank]).Held)];
        _owed = [.. _next.Select(_ => new WeightQueue(_spine.Microbatches))];
        _placed = [.. _next.Select(_ => ImmutableArray.CreateBuilder<Action>())];
    }

    /// <summary>The placement with the shortest makespan; on a tie the one that delays F and I least.</summary>
    /// <exception cref="ScheduleException">A cap is too small for the order of F and I.</exception>
    internal static Schedule Best(Schedule spine, StageCosts costs, WeightLimits limits)
    {
        var graph = new JobGraph(spine, costs);
        var walk = new JobWalk(graph);
        walk.Run();
        var earliest = walk.Starts;
        var best = new FillWaits(graph, earliest, Shares[0], limits).Play();
        var shortest = Simulator.Makespan(best, costs);
        var others = Shares.Skip(1)
            .Select(share => new FillWaits(graph, earliest, share, limits).Play())
            .Append(SplitBackward.WeightsAtOnce(spine));
        if (limits == WeightLimits.None && costs.Transfers != TransferMode.Overlapped)
            others = others.Append(SplitBackward.WeightsAtEnd(spine)); // links that are busy make any W a possible delay
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
        return _spine.With([.. _placed.Select(list => list.DrainToImmutable())]);
    }

    // One decision of a rank that is free now.
    private void Advance(int rank, double now)
    {
        _waitsFor[rank] = -1;
        var action = _spine[rank][_next[rank]];
        var id = _graph.FirstId[rank] + _next[rank];
        if (IsFull(rank, action) && RunWeights(rank, now))
            return;
        var arrival = Arrival(id, out var unknown);
        if (arrival <= now * (1 + 1e-9))
            Run(rank, action, id, now);
        else if (_owed[rank].TryPeek(out var weights) && Wait(id, arrival, now) >= _share * _costs.Of(weights) * (1 - 1e-9))
            RunWeights(rank, now);
        else if (unknown >= 0)
            _waitsFor[rank] = unknown;
        else
            _wakeUps.Enqueue(rank, (arrival, rank));
    }

    // Whether W have to run before the action.
    private bool IsFull(int rank, Action action)
    {
        if (action.Kind == ActionKind.BackwardInputs && _owed[rank].Pending >= _limits.Pending)
            return true;
        if (_held[rank] + MemoryWalk.Need(_costs, action) <= _limits.Memory.On(rank))
            return action.Kind.NeedsWeights() && _owed[rank].BringForward(action.Stage);
        return _owed[rank].TryPeek(out _) ? true : throw new ScheduleException(
            $"Rank {rank} of '{_spine.Name}' holds {_held[rank]} {Counted} before {action}, which needs " +
            $"{MemoryWalk.Need(_costs, action)} more; the cap is {_limits.Memory.On(rank)} {Counted}.",
            "raise the cap, or choose a schedule with fewer F before its first I.");
    }

    private string Counted => _costs.CountsBytes ? "bytes" : "microbatches of single stages";

    // When the needs will be here: NaN while one of them has not started.
    private double Arrival(int id, out int unknown)
    {
        unknown = -1;
        var arrival = 0.0;
        if (_graph.Local[id] is >= 0 and var local)
        {
            arrival = Math.Max(arrival, _finishes[local]);
            unknown = double.IsNaN(_finishes[local]) ? local : unknown;
        }
        if (_graph.Remote[id] is >= 0 and var remote)
        {
            arrival = Math.Max(arrival, _finishes[remote] + _graph.Delay[remote]);
            unknown = double.IsNaN(_finishes[remote]) ? remote : unknown;
        }
        return arrival;
    }

    // Without any W the action starts at its earliest; W only delay, so this never overestimates the wait.
    private double Wait(int id, double arrival, double now) =>
        (double.IsNaN(arrival) ? Math.Max(_earliest[id], now) : arrival) - now;

    private void Run(int rank, Action action, int id, double now)
    {
        _finishes[id] = now + _graph.Cost[id];
        Place(rank, action);
        _next[rank]++;
        if (action.Kind == ActionKind.BackwardInputs)
            _owed[rank].Owe(action);
        if (_graph.Receiver[id] is >= 0 and var receiver && _waitsFor[receiver] == id)
            _wakeUps.Enqueue(receiver, (now, receiver));
        _wakeUps.Enqueue(rank, (_graph.Beside is { } beside && beside[id] ? now : _finishes[id], rank));
    }

    private bool RunWeights(int rank, double now)
    {
        if (!_owed[rank].TryTake(out var weights))
            return false;
        Place(rank, weights);
        _wakeUps.Enqueue(rank, (now + _costs.Of(weights), rank));
        return true;
    }

    private void Place(int rank, Action action)
    {
        _placed[rank].Add(action);
        _held[rank] += MemoryWalk.Change(_costs, action);
    }
}
