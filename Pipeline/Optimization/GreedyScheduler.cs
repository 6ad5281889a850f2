using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>Makes a schedule in one pass through time: a free rank decides by what has arrived and what it may hold.</summary>
/// <remarks>
/// The zero-bubble heuristic (arXiv 2401.10241) for any costs, transfers and placement. Microbatches go in ascending order
/// through every stage. F starts only while the oldest microbatch can still pass all stages of the rank: so memory that is
/// full gets free again.
/// </remarks>
internal sealed class GreedyScheduler
{
    private readonly StageCosts _costs;
    private readonly StagePlacement _placement;
    private readonly int _microbatches;
    private readonly GreedyOptions _options;
    private readonly double[] _f;
    private readonly double[] _i;
    private readonly double[] _w;
    private readonly long[] _footprint;

    private readonly double[][] _activations; // when the input of F is there; NaN while unknown
    private readonly double[][] _gradients;
    private readonly int[] _forwards;
    private readonly int[] _inputs;
    private readonly int[] _weights;
    private readonly double[] _free;
    private readonly double[] _bubble;
    private readonly long[] _held;
    private readonly long[] _most;
    private readonly bool[] _lastWasForward;
    private readonly ImmutableArray<Action>.Builder[] _lists;
    private readonly PriorityQueue<int, (double Time, int Rank)> _wakeUps = new();

    internal GreedyScheduler(
        StageCosts costs, StagePlacement placement, int microbatches, MemoryCap cap, GreedyOptions options)
    {
        (_costs, _placement, _microbatches, _options) = (costs, placement, microbatches, options);
        var (stages, ranks) = (placement.Stages, placement.Ranks);
        _f = Times(ActionKind.Forward);
        _i = Times(ActionKind.BackwardInputs);
        _w = Times(ActionKind.BackwardWeights);
        _footprint = [.. Enumerable.Range(0, stages).Select(s => Footprint(costs, s))];
        _activations = Unknown();
        _gradients = Unknown();
        Array.Fill(_activations[0], 0);
        Array.Fill(_gradients[^1], 0);
        (_forwards, _inputs, _weights) = (new int[stages], new int[stages], new int[stages]);
        (_free, _bubble, _held, _lastWasForward) = (new double[ranks], new double[ranks], new long[ranks], new bool[ranks]);
        _most = [.. Enumerable.Range(0, ranks).Select(r => Room(costs, placement, cap, r))];
        _lists = [.. _free.Select(_ => ImmutableArray.CreateBuilder<Action>())];

        double[] Times(ActionKind kind) => [.. Enumerable.Range(0, stages).Select(s => costs.Of(new(s, kind, 0)))];

        double[][] Unknown()
        {
            var times = new double[stages][];
            for (var s = 0; s < stages; s++)
                Array.Fill(times[s] = new double[microbatches], double.NaN);
            return times;
        }
    }

    /// <summary>The most that a microbatch of a stage holds from F to W, whichever side of I is the larger.</summary>
    internal static long Footprint(StageCosts costs, int stage) =>
        Math.Max(MemoryWalk.Kept(costs, stage), costs.Memory[stage].AfterInputs);

    /// <summary>What the cap leaves for microbatches, with room for the one F that is run again.</summary>
    internal static long Room(StageCosts costs, StagePlacement placement, MemoryCap cap, int rank)
    {
        if (cap.On(rank) == long.MaxValue)
            return long.MaxValue;
        var again = placement.StagesOf[rank].Max(s => costs.Recompute[s]
            ? Math.Max(0, costs.Memory[s].AfterForward - Footprint(costs, s)) : 0);
        return cap.On(rank) - placement.Parameters(costs, rank) - again;
    }

    /// <summary>The schedule, or null where the cap is too small for a single microbatch.</summary>
    internal Schedule? Run()
    {
        for (var rank = 0; rank < _placement.Ranks; rank++)
            _wakeUps.Enqueue(rank, (0, rank));
        while (_wakeUps.TryDequeue(out var rank, out var at))
            if (at.Time >= _free[rank])
                Decide(rank, at.Time);
        return _weights.All(count => count == _microbatches)
            ? new("zero-bubble", _lists.Select(list => list.ToImmutable()).ToImmutableArray())
            : null;
    }

    private void Decide(int rank, double now)
    {
        var inputs = BestInputs(rank, now);
        var forward = BestForward(rank, now, out var blocked);
        var arrival = NextArrival(rank, now);
        if (forward >= 0 && inputs >= 0)
            Run(rank, now, _options.InputsFirst || _lastWasForward[rank] ? inputs : forward,
                _options.InputsFirst || _lastWasForward[rank] ? ActionKind.BackwardInputs : ActionKind.Forward);
        else if (inputs >= 0)
            Run(rank, now, inputs, ActionKind.BackwardInputs);
        else if (forward >= 0 && !Delays(rank, forward, now))
            Run(rank, now, forward, ActionKind.Forward);
        else if (OldestWeights(rank) is >= 0 and var weights
            && (blocked || FitsGap(rank, weights, arrival - now)))
            Run(rank, now, weights, ActionKind.BackwardWeights);
        // Otherwise the rank waits: every arrival wakes it.
    }

    // Whether an F would delay an I that is known to come, where the options care.
    private bool Delays(int rank, int forward, double now)
    {
        var started = _placement.StagesOf[rank].Any(s => _inputs[s] > 0);
        if (started ? !_options.InputsFirst : !_options.WaitForFirstInputs)
            return false;
        foreach (var s in _placement.StagesOf[rank])
            if (_inputs[s] < _forwards[s] && _gradients[s][_inputs[s]] is var at
                && at > now && at < now + _f[forward] * (1 - 1e-9))
                return true;
        return false;
    }

    private bool FitsGap(int rank, int stage, double gap) =>
        !(_w[stage] > gap * (1 + 1e-9)) || _options.NeverWait || gap > _bubble.Max() - _bubble[rank];

    private int BestInputs(int rank, double now)
    {
        var best = -1;
        foreach (var s in _placement.StagesOf[rank]) // ascending: of equal microbatches the later stage wins
            if (_inputs[s] < _forwards[s] && _gradients[s][_inputs[s]] <= now && (best < 0 || _inputs[s] <= _inputs[best]))
                best = s;
        return best;
    }

    private int BestForward(int rank, double now, out bool blocked)
    {
        var best = -1;
        blocked = false;
        foreach (var s in _placement.StagesOf[rank])
        {
            if (_forwards[s] == _microbatches || !(_activations[s][_forwards[s]] <= now))
                continue;
            if (!HasRoom(rank, s))
                blocked = true;
            else if (best < 0 || _options.DeepFirst)
                best = s;
        }
        return best;
    }

    // After this F the oldest microbatch must still have room in the other stages of the rank.
    private bool HasRoom(int rank, int stage)
    {
        if (_most[rank] == long.MaxValue)
            return true;
        var oldest = _placement.StagesOf[rank].Min(s => _forwards[s]);
        var later = _placement.StagesOf[rank].Sum(s => s != stage && _forwards[s] == oldest ? _footprint[s] : 0);
        return _held[rank] + _footprint[stage] + later <= _most[rank];
    }

    private int OldestWeights(int rank)
    {
        var best = -1;
        foreach (var s in _placement.StagesOf[rank])
            if (_weights[s] < _inputs[s] && (best < 0 || _weights[s] <= _weights[best]))
                best = s;
        return best;
    }

    // The next known arrival; positive infinity when none is known.
    private double NextArrival(int rank, double now)
    {
        var next = double.PositiveInfinity;
        foreach (var s in _placement.StagesOf[rank])
        {
            if (_inputs[s] < _forwards[s] && _gradients[s][_inputs[s]] is var gradient && gradient > now)
                next = Math.Min(next, gradient);
            if (_forwards[s] < _microbatches && _activations[s][_forwards[s]] is var input && input > now && HasRoom(rank, s))
                next = Math.Min(next, input);
        }
        return next;
    }

    private void Run(int rank, double now, int stage, ActionKind kind)
    {
        _bubble[rank] += _lists[rank].Count > 0 ? now - _free[rank] : 0;
        if (kind == ActionKind.Forward)
        {
            var m = _forwards[stage]++;
            Add(m, _f[stage], _footprint[stage]);
            if (stage < _placement.Stages - 1)
                Deliver(_activations, stage + 1, m);
            else
                _gradients[stage][m] = _free[rank];
        }
        else if (kind == ActionKind.BackwardInputs)
        {
            var m = _inputs[stage]++;
            Add(m, _i[stage], _costs.Memory[stage].AfterInputs - _footprint[stage]);
            if (stage > 0)
                Deliver(_gradients, stage - 1, m);
        }
        else
            Add(_weights[stage]++, _w[stage], -_costs.Memory[stage].AfterInputs);
        if (kind != ActionKind.BackwardWeights)
            _lastWasForward[rank] = kind == ActionKind.Forward;
        _wakeUps.Enqueue(rank, (_free[rank], rank));

        void Add(int m, double time, long bytes)
        {
            _lists[rank].Add(new(stage, kind, m));
            _free[rank] = now + time;
            _held[rank] += bytes;
        }

        void Deliver(double[][] times, int to, int m)
        {
            times[to][m] = _free[rank] + _placement.Delay(_costs, stage, to);
            _wakeUps.Enqueue(_placement.RankOf[to], (times[to][m], _placement.RankOf[to]));
        }
    }
}
