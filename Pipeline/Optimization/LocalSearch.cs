namespace AutogradCore.Pipeline;

/// <summary>Moves single actions within their rank's list while that makes the schedule shorter, or not much longer.</summary>
/// <remarks>
/// Late acceptance (Burke and Bykov 2017): a change stays when the result is no worse than the current order or than the one
/// some changes ago, so that the search can leave a local minimum. F, I and W of one stage keep their order among
/// themselves. Deterministic for a seed.
/// </remarks>
internal sealed class LocalSearch
{
    private const int Memory = 64;

    private readonly JobGraph _graph;
    private readonly JobWalk _walk;
    private readonly MemoryCap _cap;
    private readonly Random _random;
    private readonly int[] _order;
    private readonly Action[] _actions;
    private readonly long[] _parameters;
    private readonly int[] _ranks;

    internal LocalSearch(Schedule start, StageCosts costs, MemoryCap cap, int seed)
    {
        _graph = new(start, costs);
        _walk = new(_graph);
        (_cap, _random) = (cap, new(seed));
        _order = [.. Enumerable.Range(0, _graph.Count)];
        _actions = [.. start.Actions.SelectMany(list => list)];
        var placement = StagePlacement.Of(start);
        _parameters = [.. Enumerable.Range(0, start.Ranks).Select(rank => placement.Parameters(costs, rank))];
        _ranks = [.. Enumerable.Range(0, start.Ranks).Where(rank => start[rank].Length > 1)];
    }

    /// <summary>Tries changes until they are used up or the bound is reached.</summary>
    /// <returns>The best schedule seen, and how many changes were tried.</returns>
    internal (Schedule Schedule, int Moves) Run(int moves, double bound, CancellationToken cancel)
    {
        var (current, makespan) = Rate(double.PositiveInfinity);
        var (best, bestOrder) = (makespan, (int[])_order.Clone());
        var history = new double[Memory];
        Array.Fill(history, current);
        var move = 0;
        for (; move < moves && best > bound * (1 + 1e-9) && _ranks.Length > 0; move++)
        {
            cancel.ThrowIfCancellationRequested();
            var rank = _ranks[_random.Next(_ranks.Length)];
            var (first, end) = (_graph.FirstId[rank], _graph.FirstId[rank + 1]);
            var from = _random.Next(first, end);
            var reach = _random.Next(4) == 0 ? end - first : 4;
            var to = Math.Clamp(from + _random.Next(-reach, reach + 1), first, end - 1);
            if (to == from || !IsAllowed(from, to))
                continue;
            Shift(from, to);
            var worst = Math.Max(current, history[move % Memory]);
            var (rating, time) = Fits(rank) ? Rate(worst) : (double.PositiveInfinity, double.PositiveInfinity);
            if (rating <= current || rating <= history[move % Memory])
                current = rating;
            else
                Shift(to, from);
            history[move % Memory] = current;
            if (time < best * (1 - 1e-12))
                (best, bestOrder) = (time, (int[])_order.Clone());
        }
        return (ToSchedule(bestOrder), move);
    }

    // Plateaus are wide: of equal makespans the one whose ranks end earlier is nearer to a better one.
    // Transfers that block are played only where the order could be good enough without what they add.
    private (double Rating, double Makespan) Rate(double worst)
    {
        var makespan = _walk.Run(_order);
        if (double.IsPositiveInfinity(makespan))
            return (makespan, makespan);
        if (_graph.Costs.Transfers == TransferMode.Blocking)
        {
            if (makespan > worst)
                return (double.PositiveInfinity, double.PositiveInfinity);
            var (end, span) = Played.Run(ToSchedule(_order), _graph.Costs).Spans();
            return (end + 1e-3 * span, end);
        }
        var sum = 0.0;
        foreach (var free in _walk.Free)
            sum += free;
        return (makespan + 1e-3 * sum / _walk.Free.Length, makespan);
    }

    private bool IsAllowed(int from, int to)
    {
        var moving = _order[from];
        for (var at = from; at != to;)
        {
            at += Math.Sign(to - from);
            var passed = _order[at];
            var (earlier, later) = to > from ? (moving, passed) : (passed, moving);
            if (_graph.Local[later] == earlier || _graph.Remote[later] == earlier
                || (_actions[moving].Kind == _actions[passed].Kind && _actions[moving].Stage == _actions[passed].Stage))
                return false;
        }
        return true;
    }

    private void Shift(int from, int to)
    {
        var moving = _order[from];
        if (from < to)
            Array.Copy(_order, from + 1, _order, from, to - from);
        else
            Array.Copy(_order, to, _order, to + 1, from - to);
        _order[to] = moving;
    }

    private bool Fits(int rank)
    {
        var most = _cap.On(rank);
        if (most == long.MaxValue)
            return true;
        var held = _parameters[rank];
        for (var at = _graph.FirstId[rank]; at < _graph.FirstId[rank + 1]; at++)
        {
            var action = _actions[_order[at]];
            if (held + MemoryWalk.Need(_graph.Costs, action) > most)
                return false;
            held += MemoryWalk.Change(_graph.Costs, action);
        }
        return true;
    }

    private Schedule ToSchedule(int[] order) =>
        new(_graph.Schedule.Name, Enumerable.Range(0, _graph.Schedule.Ranks).Select(rank =>
            Enumerable.Range(_graph.FirstId[rank], _graph.FirstId[rank + 1] - _graph.FirstId[rank])
                .Select(at => _actions[order[at]])));
}
