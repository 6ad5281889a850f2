using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>The shortest makespan there is, for tiny cases, by trying every order that can matter.</summary>
/// <remarks>
/// Microbatches cost the same, so some optimal schedule takes them in ascending order through every stage: a partial schedule
/// is how many F, I and W of each stage have run. Of two with equal counts, the one in which nothing is earlier than in the
/// other is dropped, and so is one whose remaining work ends no earlier than the best schedule known.
/// </remarks>
internal sealed class BranchAndBound
{
    private const int MostFields = 15; // counts of 4 bits in one number

    private readonly StageCosts _costs;
    private readonly StagePlacement _placement;
    private readonly int _microbatches;
    private readonly MemoryCap _cap;
    private readonly LowerBound _lower;
    private readonly int _limit;
    private readonly CancellationToken _cancel;
    private readonly int[] _counts; // F, I, W of stage 0, of stage 1 ...
    private readonly double[] _free;
    private readonly long[] _held;
    private readonly double[] _time;
    private readonly double[][] _arrivals; // of the input of F and of I, by field and microbatch
    private readonly Dictionary<ulong, List<double[]>> _seen = [];
    private readonly List<Action> _order = [];
    private Action[]? _best;
    private int _nodes;

    private BranchAndBound(
        StageCosts costs, StagePlacement placement, int microbatches, MemoryCap cap, double best, int limit,
        CancellationToken cancel)
    {
        (_costs, _placement, _microbatches, _cap, Makespan, _limit, _cancel) =
            (costs, placement, microbatches, cap, best, limit, cancel);
        _lower = new(costs, placement, microbatches, cap);
        _counts = new int[3 * placement.Stages];
        _free = new double[placement.Ranks];
        _held = [.. _free.Select((_, rank) => placement.Parameters(costs, rank))];
        _time = [.. _counts.Select((_, field) => costs.Of(At(field)))];
        _arrivals = [.. _counts.Select(_ => new double[microbatches])];
    }

    /// <summary>The best makespan found, or the one given.</summary>
    internal double Makespan { get; private set; }

    /// <summary>Whether nothing shorter than <see cref="Makespan"/> exists.</summary>
    internal bool IsProven => _nodes <= _limit;

    /// <summary>Whether a case is small enough to be worth trying.</summary>
    internal static bool Accepts(StageCosts costs, int microbatches) =>
        3 * costs.Stages <= MostFields && microbatches < 16 && 3 * costs.Stages * microbatches <= 60
        && costs.Transfers == TransferMode.Overlapped;

    /// <summary>Searches for anything shorter than the best known makespan.</summary>
    /// <returns>The search, and the shorter schedule where there is one.</returns>
    internal static (BranchAndBound Search, Schedule? Better) Run(
        StageCosts costs, StagePlacement placement, int microbatches, MemoryCap cap, double best, int limit,
        CancellationToken cancel)
    {
        var search = new BranchAndBound(costs, placement, microbatches, cap, best, limit, cancel);
        search.Extend();
        return (search, search._best is null ? null : search.ToSchedule(search._best));
    }

    private Action At(int field) => new(field / 3, (ActionKind)(field % 3), _counts[field]);

    private Schedule ToSchedule(Action[] order) =>
        new("optimal", Enumerable.Range(0, _placement.Ranks).Select(rank =>
            order.Where(a => _placement.RankOf[a.Stage] == rank).ToImmutableArray()).ToImmutableArray());

    private void Extend()
    {
        _cancel.ThrowIfCancellationRequested();
        if (++_nodes > _limit)
            return;
        if (_order.Count == _counts.Length * _microbatches)
        {
            if (_free.Max() < Makespan * (1 - 1e-9))
                (Makespan, _best) = (_free.Max(), [.. _order]);
            return;
        }
        if (Remaining() >= Makespan * (1 - 1e-9) || IsDominated())
            return;
        var open = Enumerable.Range(0, _counts.Length).Where(CanRun).Select(field => (Start: StartOf(field), field))
            .OrderBy(c => c.Start).ThenBy(c => c.field % 3 == 1 ? 0 : 1).ToArray();
        foreach (var (start, field) in open)
            Try(field, start);
    }

    private bool CanRun(int field)
    {
        var (stage, m) = (field / 3, _counts[field]);
        if (m == _microbatches)
            return false;
        var rank = _placement.RankOf[stage];
        var action = At(field);
        if (_held[rank] + MemoryWalk.Need(_costs, action) > _cap.On(rank))
            return false;
        return action.Kind switch
        {
            ActionKind.Forward => stage == 0 || _counts[field - 3] > m,
            ActionKind.BackwardInputs => _counts[field - 1] > m && (stage == _placement.Stages - 1 || _counts[field + 3] > m),
            _ => _counts[field - 1] > m,
        };
    }

    private double StartOf(int field) => Math.Max(_free[_placement.RankOf[field / 3]], _arrivals[field][_counts[field]]);

    private void Try(int field, double start)
    {
        var (stage, action) = (field / 3, At(field));
        var rank = _placement.RankOf[stage];
        var (free, held) = (_free[rank], _held[rank]);
        _free[rank] = start + _time[field];
        _held[rank] += MemoryWalk.Change(_costs, action);
        var to = action.Kind == ActionKind.Forward ? stage + 1 : action.Kind == ActionKind.BackwardInputs ? stage - 1 : -1;
        if (to >= 0 && to < _placement.Stages)
            _arrivals[3 * to + field % 3][_counts[field]] = _free[rank] + _placement.Delay(_costs, stage, to);
        _counts[field]++;
        _order.Add(action);
        Extend();
        _order.RemoveAt(_order.Count - 1);
        _counts[field]--;
        (_free[rank], _held[rank]) = (free, held);
    }

    // What is left of each rank's work, and the way to the end after its last F or I.
    private double Remaining()
    {
        var bound = 0.0;
        for (var rank = 0; rank < _placement.Ranks; rank++)
        {
            var (all, critical, tail) = (0.0, 0.0, double.PositiveInfinity);
            foreach (var s in _placement.StagesOf[rank])
            {
                var (f, i, w) = (Left(3 * s), Left(3 * s + 1), Left(3 * s + 2));
                all += f + i + w;
                critical += f + i;
                if (_counts[3 * s + 1] < _microbatches)
                    tail = Math.Min(tail, _lower.Tail(s));
                if (_counts[3 * s] < _microbatches)
                    bound = Math.Max(bound, StartOf(3 * s) + f + _lower.AfterForward(s));
                if (_counts[3 * s + 1] < _microbatches)
                    bound = Math.Max(bound, StartOf(3 * s + 1) + i + _lower.Tail(s));
            }
            bound = Math.Max(bound, _free[rank] + Math.Max(all, double.IsPositiveInfinity(tail) ? 0 : critical + tail));
        }
        return bound;

        double Left(int field) => (_microbatches - _counts[field]) * _time[field];
    }

    private bool IsDominated()
    {
        var key = 0UL;
        foreach (var count in _counts)
            key = (key << 4) | (uint)count;
        var mine = Times();
        if (!_seen.TryGetValue(key, out var others))
            _seen[key] = others = [];
        foreach (var other in others)
            if (NowhereLater(other, mine))
                return true;
        others.RemoveAll(other => NowhereLater(mine, other));
        others.Add(mine);
        return false;
    }

    // Everything that the rest of the schedule can feel: free ranks, and results that have not been used.
    private double[] Times()
    {
        var times = new List<double>(_free);
        for (var field = 0; field < _counts.Length; field++)
        {
            var made = (field % 3) switch
            {
                0 when field > 0 => _counts[field - 3],
                1 when field < _counts.Length - 3 => _counts[field + 3],
                _ => 0,
            };
            for (var m = _counts[field]; m < made; m++)
                times.Add(Math.Max(_arrivals[field][m], _free[_placement.RankOf[field / 3]]));
        }
        return [.. times];
    }

    private static bool NowhereLater(double[] one, double[] other)
    {
        for (var i = 0; i < one.Length; i++)
            if (one[i] > other[i])
                return false;
        return true;
    }
}
