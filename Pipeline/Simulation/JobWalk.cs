namespace AutogradCore.Pipeline;

/// <summary>Gives every action of a <see cref="JobGraph"/> its time; may run again, then without allocations.</summary>
/// <remarks>
/// O(actions): a rank that has to wait is woken by the one action it waits for. Messages between two ranks leave in the order
/// of the sender's list, so a link that carries one at a time needs no queue.
/// </remarks>
internal sealed class JobWalk
{
    private const int Nothing = -1;
    private const int Awake = -2;

    private readonly JobGraph _graph;
    private readonly int[] _next;
    private readonly int[] _waitsFor;
    private readonly int[] _ready;
    private readonly double[] _free;
    private readonly double[] _sumsFree;
    private readonly Dictionary<(int From, int To), int>? _linkIds;
    private double[] _linkFree = [];

    internal JobWalk(JobGraph graph)
    {
        _graph = graph;
        var ranks = graph.Schedule.Ranks;
        (_next, _waitsFor, _ready) = (new int[ranks], new int[ranks], new int[ranks]);
        (_free, _sumsFree) = (new double[ranks], new double[ranks]);
        (Starts, Finishes, Arrivals) = (new double[graph.Count], new double[graph.Count], new double[graph.Count]);
        if (graph.Costs.Transfers == TransferMode.OneAtATime)
            _linkIds = [];
    }

    internal double[] Starts { get; }

    /// <summary>The end of each action; negative where it never ran.</summary>
    internal double[] Finishes { get; }

    /// <summary>When its result is where it is needed.</summary>
    internal double[] Arrivals { get; }

    /// <summary>When each rank ended its last action.</summary>
    internal ReadOnlySpan<double> Free => _free;

    /// <summary>Plays the lists, or other orders of the same actions.</summary>
    /// <param name="order">For each rank, its ids from <see cref="JobGraph.FirstId"/> on, in order; ascending when null.</param>
    /// <returns>The makespan; positive infinity when ranks wait for each other in a circle.</returns>
    internal double Run(int[]? order = null)
    {
        Array.Fill(Finishes, -1);
        Array.Clear(_free);
        Array.Clear(_sumsFree);
        Array.Clear(_linkFree);
        Array.Fill(_waitsFor, Awake);
        var ranks = _next.Length;
        for (var rank = 0; rank < ranks; rank++)
        {
            _next[rank] = _graph.FirstId[rank];
            _ready[rank] = ranks - 1 - rank;
        }
        var ready = ranks;
        var ran = 0;
        while (ready > 0)
        {
            var rank = _ready[--ready];
            _waitsFor[rank] = Awake;
            for (var end = _graph.FirstId[rank + 1]; _next[rank] < end; _next[rank]++)
            {
                var id = order is null ? _next[rank] : order[_next[rank]];
                if (Missing(id) is var missing && missing != Nothing)
                {
                    _waitsFor[rank] = missing;
                    break;
                }
                RunOne(id, rank);
                ran++;
                var receiver = _graph.Receiver[id];
                if (receiver >= 0 && _waitsFor[receiver] == id)
                {
                    _waitsFor[receiver] = Awake;
                    _ready[ready++] = receiver;
                }
            }
        }
        return ran == _graph.Count ? Latest() : double.PositiveInfinity;
    }

    private int Missing(int id)
    {
        var (local, remote) = (_graph.Local[id], _graph.Remote[id]);
        return local >= 0 && Finishes[local] < 0 ? local : remote >= 0 && Finishes[remote] < 0 ? remote : Nothing;
    }

    private void RunOne(int id, int rank)
    {
        var (local, remote) = (_graph.Local[id], _graph.Remote[id]);
        var beside = _graph.Beside is { } flags && flags[id];
        var start = beside ? Math.Max(_free[rank], _sumsFree[rank])
            : _graph.LeavesInPair is { } sends && sends[id] ? 0
            : _free[rank];
        if (local >= 0 && Finishes[local] > start)
            start = Finishes[local];
        if (remote >= 0 && Arrivals[remote] > start)
            start = Arrivals[remote];
        var finish = start + _graph.Cost[id];
        (Starts[id], Finishes[id]) = (start, finish);
        if (beside)
            _sumsFree[rank] = finish;
        else
            _free[rank] = Math.Max(_free[rank], finish);
        Arrivals[id] = _graph.Receiver[id] < 0 ? finish
            : _linkIds is null ? finish + _graph.Delay[id]
            : Carry(rank, _graph.Receiver[id], finish, _graph.Delay[id]);
    }

    private double Carry(int from, int to, double ready, double time)
    {
        if (!_linkIds!.TryGetValue((from, to), out var link))
        {
            _linkIds[(from, to)] = link = _linkIds.Count;
            if (link >= _linkFree.Length)
                Array.Resize(ref _linkFree, Math.Max(8, 2 * link));
        }
        return _linkFree[link] = Math.Max(ready, _linkFree[link]) + time;
    }

    private double Latest()
    {
        var latest = 0.0;
        for (var rank = 0; rank < _free.Length; rank++)
            latest = Math.Max(latest, Math.Max(_free[rank], _sumsFree[rank]));
        return latest;
    }
}
