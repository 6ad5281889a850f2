namespace AutogradCore.Pipeline;

/// <summary>A time that no schedule with a split backward can beat, whatever its order of F, I and W.</summary>
/// <remarks>
/// The largest of: the path of one microbatch down, up and through the last W; for each rank, the time until its first F can
/// start, its work, and the way from its last I to the end; the time until its first I can start and the work that cannot lie
/// before it, because only as many F fit there as memory holds; the time until its last F can end, and the way down and up
/// from there. Transfers and waits for links only add to these.
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
        }.Max();
    }

    // The longest time of F whose state fits, at most all microbatches of each stage: the fractional knapsack.
    private double MostForwards(int rank)
    {
        if (_cap.On(rank) == long.MaxValue)
            return double.PositiveInfinity;
        double room = _cap.On(rank) - _placement.Parameters(_costs, rank);
        var time = 0.0;
        double Kept(int s) => MemoryWalk.Kept(_costs, s);
        var worthwhile = _placement.StagesOf[rank].OrderByDescending(s =>
            Kept(s) == 0 ? double.PositiveInfinity : _f[s] / Kept(s));
        foreach (var s in worthwhile)
        {
            var count = Kept(s) == 0 ? _microbatches : Math.Min(_microbatches, room / Kept(s));
            if (_placement.StagesOf[rank].Length == 1)
                count = Math.Floor(count);
            time += count * _f[s];
            room -= count * Kept(s);
        }
        return time;
    }

    // With one stage, microbatches beyond those that fit have gone through W before the last F starts.
    private double WorkBeforeLastForward(int rank)
    {
        if (_cap.On(rank) == long.MaxValue || _placement.StagesOf[rank] is not [var s])
            return 0;
        var least = Math.Min(MemoryWalk.Kept(_costs, s), _costs.Memory[s].AfterInputs);
        if (least == 0)
            return 0;
        var room = _cap.On(rank) - _placement.Parameters(_costs, rank) - MemoryWalk.Kept(_costs, s);
        return Math.Max(0, _microbatches - 1 - Math.Max(0, room / least)) * (_i[s] + _w[s]);
    }
}
