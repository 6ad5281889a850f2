namespace AutogradCore.Pipeline;

/// <summary>A schedule and its costs as flat arrays: what each action takes, what it needs, and where its result goes.</summary>
/// <remarks>Ids are those of <see cref="ScheduleIndex"/>: 0 .. Count - 1, rank by rank, in the order of the lists.</remarks>
internal sealed class JobGraph
{
    internal JobGraph(Schedule schedule, StageCosts costs)
        : this(new ScheduleIndex(schedule), costs)
    {
    }

    internal JobGraph(ScheduleIndex index, StageCosts costs)
    {
        (Schedule, Costs) = (index.Schedule, costs);
        var count = Schedule.Count;
        FirstId = new int[Schedule.Ranks + 1];
        (Local, Remote, Receiver) = (new int[count], new int[count], new int[count]);
        (Cost, Delay) = (new double[count], new double[count]);
        Array.Fill(Local, -1);
        Array.Fill(Remote, -1);
        Array.Fill(Receiver, -1);
        var id = 0;
        for (var rank = 0; rank < Schedule.Ranks; rank++)
        {
            foreach (var action in Schedule[rank])
                Add(id++, rank, action, index);
            FirstId[rank + 1] = id;
        }
    }

    internal Schedule Schedule { get; }

    internal StageCosts Costs { get; }

    /// <summary>The id of each rank's first action; one more entry at the end.</summary>
    internal int[] FirstId { get; }

    /// <summary>A need on the same rank, or -1.</summary>
    internal int[] Local { get; }

    /// <summary>The need whose result may have to travel, or -1.</summary>
    internal int[] Remote { get; }

    /// <summary>The other rank that waits for the result, or -1; there is never more than one.</summary>
    internal int[] Receiver { get; }

    /// <summary>How long the rank is busy.</summary>
    internal double[] Cost { get; }

    /// <summary>How long the result travels to <see cref="Receiver"/>.</summary>
    internal double[] Delay { get; }

    /// <summary>Sums of gradients that run beside the work, by id; null when there are none.</summary>
    internal bool[]? Beside { get; private set; }

    /// <summary>The SEND behind an overlapped pair that hand on the result of its F: that leaves when F is done. By id; null when
    /// there are none.</summary>
    internal bool[]? LeavesInPair { get; private set; }

    internal int Count => Cost.Length;

    private void Add(int id, int rank, Action action, ScheduleIndex index)
    {
        Cost[id] = Costs.Of(action);
        if (action.Kind == ActionKind.SendForward && IsBehindPair(id, rank, action))
            (LeavesInPair ??= new bool[Count])[id] = true;
        if (action.Kind == ActionKind.ReduceGradient && Costs.AllReduceOverlaps)
            (Beside ??= new bool[Count])[id] = true;
        if (action.Kind == ActionKind.Update && Costs.AllReduceOverlaps)
            Local[id] = LastSum(id, rank, action.Stage);
        Span<Action> room = stackalloc Action[Dependencies.Most];
        var needs = Costs.Transfers == TransferMode.Blocking
            ? Dependencies.Of(action, index, room)
            : Dependencies.Awaited(action, index, room);
        foreach (var need in needs)
        {
            var found = index.Find(need);
            if (need.Stage == action.Stage && Local[id] < 0)
            {
                Local[id] = found;
                continue;
            }
            Remote[id] = found;
            if (need.Stage == action.Stage || Schedule.RankOf(need.Stage) == rank)
                continue;
            Receiver[found] = rank;
            Delay[found] = Costs.Transfer(need.Stage, action.Stage);
        }
    }

    private bool IsBehindPair(int id, int rank, Action send)
    {
        var list = Schedule[rank];
        var step = id - FirstId[rank] - 1;
        while (step >= 0 && list[step].Kind.IsTransfer())
            step--;
        return step >= 1 && list[step - 1] == send.As(ActionKind.Forward) && Schedule.Overlapped.Contains(list[step - 1]);
    }

    // An update waits for the last sum of its stage before it in the list.
    private int LastSum(int id, int rank, int stage)
    {
        var list = Schedule[rank];
        for (var step = id - FirstId[rank] - 1; step >= 0; step--)
            if (list[step] is { Kind: ActionKind.ReduceGradient } sum && sum.Stage == stage)
                return FirstId[rank] + step;
        return -1;
    }
}
