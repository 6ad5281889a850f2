namespace AutogradCore.Pipeline;

/// <summary>Gives every action its time when a transfer needs both ranks at once and nothing is buffered.</summary>
/// <remarks>
/// A rank that made a result hands it over before it goes on; a rank that is free takes what is offered before it starts
/// something else. So implied transfers cannot wait in a circle. Spelled-out ones happen where the lists say, and can.
/// </remarks>
internal sealed class RendezvousWalk
{
    private readonly JobGraph _graph;
    private readonly int[] _consumer;
    private readonly int[] _next;
    private readonly int[] _running;
    private readonly bool[] _isFree;
    private readonly double[] _sumsFree;
    private readonly double[] _meetingEnds;
    private readonly List<int>[] _offers; // results without a SEND that this rank gives or takes, oldest first
    private readonly PriorityQueue<int, (double Time, int Rank)> _wakeUps = new();

    internal RendezvousWalk(JobGraph graph)
    {
        _graph = graph;
        var ranks = graph.Schedule.Ranks;
        (_next, _running, _isFree, _sumsFree) = (new int[ranks], new int[ranks], new bool[ranks], new double[ranks]);
        _meetingEnds = new double[ranks];
        _offers = [.. _next.Select(_ => new List<int>())];
        Array.Fill(_running, -1);
        _consumer = new int[graph.Count];
        Array.Fill(_consumer, -1);
        for (var id = 0; id < graph.Count; id++)
            if (graph.Remote[id] is >= 0 and var need)
                _consumer[need] = id;
        (Starts, Finishes, Arrivals) = (new double[graph.Count], new double[graph.Count], new double[graph.Count]);
        Array.Fill(Finishes, double.PositiveInfinity);
        Array.Fill(Arrivals, double.PositiveInfinity);
    }

    internal double[] Starts { get; }

    internal double[] Finishes { get; }

    internal double[] Arrivals { get; }

    /// <summary>Both ends of every implied transfer.</summary>
    internal List<TimelineEvent> Transfers { get; } = [];

    /// <summary>Plays the lists.</summary>
    /// <exception cref="ScheduleException">Spelled-out transfers wait for each other in a circle.</exception>
    internal void Run()
    {
        for (var rank = 0; rank < _next.Length; rank++)
            _wakeUps.Enqueue(rank, (0, rank));
        while (_wakeUps.TryDequeue(out var rank, out var at))
            Wake(rank, at.Time);
        if (Enumerable.Range(0, _next.Length).FirstOrDefault(r => !IsDone(r), -1) is >= 0 and var stuck)
            throw new ScheduleException(
                $"With blocking transfers schedule '{_graph.Schedule.Name}' stands still: {string.Join(", ", Standing())}.",
                $"move a receive of rank {stuck} before a send, or the other way round; or leave transfers out.");
    }

    private IEnumerable<string> Standing() =>
        from rank in Enumerable.Range(0, _next.Length)
        where !IsDone(rank)
        select $"rank {rank} at {ActionAt(rank)}";

    private bool IsDone(int rank) => Head(rank) == _graph.FirstId[rank + 1];

    private int Head(int rank) => _graph.FirstId[rank] + _next[rank];

    private Action ActionAt(int rank) => _graph.Schedule[rank][_next[rank]];

    private void Wake(int rank, double now)
    {
        if (_running[rank] is >= 0 and var ran)
        {
            if (Finishes[ran] > now)
                return;
            _running[rank] = -1;
            if (_graph.Receiver[ran] is >= 0 and var receiver && !IsMeeting(ran))
            {
                _offers[rank].Add(ran);
                _offers[receiver].Add(ran);
            }
        }
        else if (_meetingEnds[rank] > now)
            return;
        _isFree[rank] = true;
        while (_isFree[rank] && Decide(rank, now))
        {
        }
    }

    // True when there may be more to decide at the same moment.
    private bool Decide(int rank, double now)
    {
        foreach (var id in _offers[rank])
        {
            var (from, to) = Ends(id);
            if (!_isFree[from] || !_isFree[to])
                continue;
            _offers[from].Remove(id);
            _offers[to].Remove(id);
            Meet(from, to, now, _graph.Delay[id]);
            Arrivals[id] = now + _graph.Delay[id];
            Book(id, from, to, now);
            return true;
        }
        if (_offers[rank].Any(id => Ends(id).From == rank) || IsDone(rank))
            return false;
        var head = Head(rank);
        return ActionAt(rank).Kind.IsTransfer() && MeetsAt(head) is { } meeting
            ? HandOver(meeting, now)
            : Compute(rank, head, now);
    }

    private bool Compute(int rank, int id, double now)
    {
        var (local, remote) = (_graph.Local[id], _graph.Remote[id]);
        if (remote >= 0 && Arrivals[remote] > now)
            return false;
        if (local >= 0 && Finishes[local] > now)
        {
            _wakeUps.Enqueue(rank, (Finishes[local], rank)); // an update waits for a sum beside the work
            return false;
        }
        var beside = _graph.Beside is { } flags && flags[id];
        Starts[id] = beside ? Math.Max(now, _sumsFree[rank]) : now;
        Finishes[id] = Starts[id] + _graph.Cost[id];
        if (_graph.Receiver[id] < 0)
            Arrivals[id] = Finishes[id];
        _next[rank]++;
        if (beside)
        {
            _sumsFree[rank] = Finishes[id];
            return true;
        }
        (_running[rank], _isFree[rank]) = (id, false);
        _wakeUps.Enqueue(rank, (Finishes[id], rank));
        return false;
    }

    // A SEND with its RECV on another rank, wherever of the two the question is asked.
    private (int Send, int Receive)? MeetsAt(int id)
    {
        var send = _graph.Remote[id] is >= 0 and var need && IsMeeting(need) ? need : id;
        return IsMeeting(send) ? (send, _consumer[send]) : null;
    }

    private bool IsMeeting(int id) =>
        _graph.Receiver[id] >= 0 && KindOf(id) is ActionKind.SendForward or ActionKind.SendBackward;

    private ActionKind KindOf(int id)
    {
        var rank = RankOf(id);
        return _graph.Schedule[rank][id - _graph.FirstId[rank]].Kind;
    }

    private int RankOf(int id)
    {
        var rank = Array.BinarySearch(_graph.FirstId, id);
        rank = rank < 0 ? ~rank - 1 : rank;
        while (_graph.FirstId[rank + 1] == id)
            rank++;
        return rank;
    }

    private (int From, int To) Ends(int id) => (RankOf(id), _graph.Receiver[id]);

    private bool HandOver((int Send, int Receive) meeting, double now)
    {
        var (from, to) = Ends(meeting.Send);
        if (!_isFree[from] || !_isFree[to] || Head(from) != meeting.Send || Head(to) != meeting.Receive
            || IsDone(from) || IsDone(to) || _offers[from].Count > 0 || _offers[to].Count > 0)
            return false;
        foreach (var id in new[] { meeting.Send, meeting.Receive })
            (Starts[id], Finishes[id], Arrivals[id]) = (now, now + _graph.Delay[meeting.Send], now + _graph.Delay[meeting.Send]);
        _next[from]++;
        _next[to]++;
        Meet(from, to, now, _graph.Delay[meeting.Send]);
        return true;
    }

    private void Meet(int from, int to, double now, double time)
    {
        foreach (var rank in new[] { from, to })
        {
            _isFree[rank] = false;
            _meetingEnds[rank] = now + time;
            _wakeUps.Enqueue(rank, (now + time, rank));
        }
    }

    private void Book(int id, int from, int to, double now)
    {
        var action = _graph.Schedule[from][id - _graph.FirstId[from]];
        var forward = action.Kind == ActionKind.Forward;
        var next = action with { Stage = action.Stage + (forward ? 1 : -1) };
        var bytes = (long)_graph.Costs.LinkBetween(action.Stage, next.Stage).Bytes;
        Transfers.Add(new(from, action.As(forward ? ActionKind.SendForward : ActionKind.SendBackward), now, _graph.Delay[id])
        {
            MovedBytes = bytes,
        });
        Transfers.Add(new(to, next.As(forward ? ActionKind.ReceiveForward : ActionKind.ReceiveBackward), now, _graph.Delay[id])
        {
            MovedBytes = bytes,
            WaitedFor = action,
        });
    }
}
