namespace AutogradCore.Pipeline;

/// <summary>A time that no schedule with a split backward can beat, whatever its order of F, I and W.</summary>
/// <remarks>
/// The largest of: the path of one microbatch down, up and through the last W; for each rank, the time until its first F can
/// start, its work, and the way from its last I to the end; the time until its first I can start and the work that cannot lie
/// before it, because only as many F fit there as memory holds; the time until its last F can end, and the way down and up
/// from there; and, under a cap, the bytes that all microbatches hold times how long they must at least hold them, over the
/// bytes there are. Transfers that block add their time to the work of both ranks; waits for links only add to these.
/// </remarks>
internal sealed class LowerBound
{
    private readonly StageCosts _costs;
    private readonly StagePlacement _placement;
    private readonly int _microbatches;
    private readonly MemoryCap _cap;
    private readonly double[] _f;
    private readonly double[] _i;
    private readonly double[] _w;
    private readonly double[] _head; // until F of the stage can start
    private readonly double[] _turn; // from the end of F of the stage to the first moment its I can start
    private readonly double[] _tail; // from the end of I of the stage to the end of the run

    internal LowerBound(StageCosts costs, StagePlacement placement, int microbatches, MemoryCap cap)
    {
        (_costs, _placement, _microbatches, _cap) = (costs, placement, microbatches, cap);
        var stages = placement.Stages;
        _f = Times(ActionKind.Forward);
        _i = Times(ActionKind.BackwardInputs);
        _w = Times(ActionKind.BackwardWeights);
        (_head, _turn, _tail) = (new double[stages], new double[stages], new double[stages]);
        for (var s = 1; s < stages; s++)
            _head[s] = _head[s - 1] + _f[s - 1] + placement.Delay(costs, s - 1, s);
        for (var s = stages - 2; s >= 0; s--)
            _turn[s] = placement.Delay(costs, s, s + 1) + _f[s + 1] + _turn[s + 1] + _i[s + 1] + placement.Delay(costs, s + 1, s);
        for (var s = 0; s < stages; s++)
            _tail[s] = Math.Max(_w[s], s == 0 ? 0 : placement.Delay(costs, s, s - 1) + _i[s - 1] + _tail[s - 1]);

        double[] Times(ActionKind kind) => [.. Enumerable.Range(0, stages).Select(s => costs.Of(new(s, kind, 0)))];
    }

    /// <summary>From the end of I of a stage to the end of the run.</summary>
    internal double Tail(int stage) => _tail[stage];

    /// <summary>From the end of F of a stage to the end of the run.</summary>
    internal double AfterForward(int stage) => _turn[stage] + _i[stage] + _tail[stage];

    internal double Makespan()
    {
        var last = _placement.Stages - 1;
        var bound = _head[last] + _f[last] + _i[last] + _tail[last];
        for (var rank = 0; rank < _placement.Ranks; rank++)
            bound = Math.Max(bound, OfRank(rank));
        return bound;
    }

    private double OfRank(int rank)
    {
        var stages = _placement.StagesOf[rank];
        var m = _microbatches;
        var forwards = m * stages.Sum(s => _f[s]);
        var critical = forwards + m * stages.Sum(s => _i[s]);
        var all = critical + m * stages.Sum(s => _w[s]);
        var head = stages.Min(s => _head[s]);
        var tail = stages.Min(s => _tail[s]);
        var firstInputs = stages.Min(s => _head[s] + _f[s] + _turn[s]);
        var before = Math.Min(forwards, MostForwards(rank));
        // All F come before the last I; whatever a rank does before its first I are F whose state it holds at once.
        return new[]
        {
            head + Math.Max(all, critical + tail),
            firstInputs + Math.Max(all, critical + tail) - before,
            head + forwards + WorkBeforeLastForward(rank) + stages.Min(AfterForward),
            head + HoldingTime(rank),
            _costs.Transfers == TransferMode.Blocking ? WithTransfers(rank, all, critical, tail) : 0,
        }.Max();
    }

    // Receives of F and I, sends of F and all sends of I but the last come before the end of the rank's last I.
    private double WithTransfers(int rank, double all, double critical, double tail)
    {
        var (start, moving, lastSend) = (double.PositiveInfinity, 0.0, 0.0);
        foreach (var s in _placement.StagesOf[rank])
        {
            var (before, after) = (s > 0, s + 1 < _placement.Stages);
            var arrives = before ? _placement.Delay(_costs, s - 1, s) : 0;
            var returns = before ? _placement.Delay(_costs, s, s - 1) : 0;
            moving += arrives + returns;
            if (after)
                moving += _placement.Delay(_costs, s, s + 1) + _placement.Delay(_costs, s + 1, s);
            start = Math.Min(start, _head[s] - arrives);
            lastSend = Math.Max(lastSend, returns);
        }
        moving *= _microbatches;
        return start + Math.Max(all + moving, critical + moving - lastSend + tail);
    }

    // What is held at any moment is a sum of multiples of what F keeps and I leaves.
    private double HoldingTime(int rank)
    {
        if (_cap.On(rank) == long.MaxValue)
            return 0;
        var (bytesTime, unit) = (0.0, 0L);
        foreach (var s in _placement.StagesOf[rank])
        {
            var (kept, left) = (MemoryWalk.Kept(_costs, s), _costs.Memory[s].AfterInputs);
            bytesTime += _microbatches * (kept * (_f[s] + _turn[s] + _i[s]) + left * _w[s]);
            unit = Divisor(unit, Divisor(kept, left));
        }
        var room = Room(rank, unit);
        return room > 0 ? bytesTime / room : 0;
    }

    private long Room(int rank, long unit)
    {
        var room = _cap.On(rank) - _placement.Parameters(_costs, rank);
        return unit > 1 ? room - room % unit : room;
    }

    private static long Divisor(long a, long b) => b == 0 ? a : Divisor(b, a % b);

    // The longest time of F whose state fits, at most all microbatches of each stage: the fractional knapsack.
    private double MostForwards(int rank)
    {
        if (_cap.On(rank) == long.MaxValue)
            return double.PositiveInfinity;
        double Kept(int s) => MemoryWalk.Kept(_costs, s);
        double room = Room(rank, _placement.StagesOf[rank].Aggregate(0L, (d, s) => Divisor(d, MemoryWalk.Kept(_costs, s))));
        var time = 0.0;
        var worthwhile = _placement.StagesOf[rank].OrderByDescending(s =>
            Kept(s) == 0 ? double.PositiveInfinity : _f[s] / Kept(s));
        foreach (var s in worthwhile)
        {
            var count = Kept(s) == 0 ? _microbatches : Math.Min(_microbatches, Math.Max(0, room) / Kept(s));
            time += count * _f[s];
            room -= count * Kept(s);
        }
        return time;
    }

    // When the last F starts all others have run, and what of I and W is left to do on them is state that fits beside it.
    private double WorkBeforeLastForward(int rank)
    {
        if (_cap.On(rank) == long.MaxValue)
            return 0;
        var stages = _placement.StagesOf[rank];
        double Least(int s) => Math.Min(MemoryWalk.Kept(_costs, s), _costs.Memory[s].AfterInputs);
        double Work(int s) => _i[s] + _w[s];
        double room = Math.Max(0,
            _cap.On(rank) - _placement.Parameters(_costs, rank) - stages.Min(s => MemoryWalk.Kept(_costs, s)));
        var before = _microbatches * stages.Sum(Work) - stages.Max(Work);
        foreach (var s in stages.OrderByDescending(s => Least(s) == 0 ? double.PositiveInfinity : Work(s) / Least(s)))
        {
            var count = Least(s) == 0 ? _microbatches : Math.Min(_microbatches, room / Least(s));
            before -= count * Work(s);
            room -= count * Least(s);
        }
        return Math.Max(0, before);
    }
}
