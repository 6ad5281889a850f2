namespace AutogradCore.Pipeline;

/// <summary>When actions run if F = I = W = 1 and transfers are free, where an overlapped F and backward run as one.</summary>
/// <remarks>A pair starts when both have what they need, and both results are there when both are done.</remarks>
internal sealed class UnitClock
{
    private readonly ScheduleIndex _index;

    private UnitClock(ScheduleIndex index)
    {
        _index = index;
        Starts = new double[index.Schedule.Count];
        Finishes = new double[index.Schedule.Count];
        Array.Fill(Finishes, double.NaN);
    }

    /// <summary>When each action starts, by id.</summary>
    internal double[] Starts { get; }

    /// <summary>When each action's result is there, by id.</summary>
    internal double[] Finishes { get; }

    /// <summary>The times of a legal schedule; null when pairs that run as one wait for each other in a circle.</summary>
    internal static UnitClock? Play(ScheduleIndex index)
    {
        var clock = new UnitClock(index);
        return clock.Play() ? clock : null;
    }

    /// <summary>False for the second of a pair.</summary>
    internal bool Begins(int rank, int step) => step == 0 || !IsPair(rank, step - 1);

    private bool IsPair(int rank, int step) =>
        step + 1 < _index.Schedule[rank].Length && _index.Schedule.Overlapped.Contains(_index.Schedule[rank][step]);

    private bool Play()
    {
        var schedule = _index.Schedule;
        var next = new int[schedule.Ranks];
        var free = new double[schedule.Ranks];
        var parked = new Dictionary<int, List<int>>();
        var ready = new Stack<int>(Enumerable.Range(0, schedule.Ranks).Reverse());
        while (ready.TryPop(out var rank))
            while (next[rank] < schedule[rank].Length)
            {
                var (first, count) = (next[rank], IsPair(rank, next[rank]) ? 2 : 1);
                if (Arrival(rank, first, count, out var start) is { } missing)
                {
                    if (!parked.TryGetValue(missing, out var waiting))
                        parked[missing] = waiting = [];
                    waiting.Add(rank);
                    break;
                }
                start = Math.Max(start, free[rank]);
                free[rank] = start + Enumerable.Range(first, count).Sum(step => Cost(schedule[rank][step].Kind));
                for (var step = first; step < first + count; step++)
                {
                    var id = _index.IdOf(rank, step);
                    (Starts[id], Finishes[id]) = (start, free[rank]);
                    if (parked.Remove(id, out var woken))
                        woken.ForEach(ready.Push);
                }
                next[rank] += count;
            }
        return Enumerable.Range(0, schedule.Ranks).All(rank => next[rank] == schedule[rank].Length);
    }

    // When everything that comes from outside the unit is there, or what is missing.
    private int? Arrival(int rank, int first, int count, out double arrival)
    {
        arrival = 0;
        Span<Action> room = stackalloc Action[Dependencies.Most];
        var (from, to) = (_index.IdOf(rank, first), _index.IdOf(rank, first) + count);
        for (var step = first; step < first + count; step++)
            foreach (var need in Dependencies.Of(_index.Schedule[rank][step], _index, room))
            {
                var id = _index.Find(need);
                if (id >= from && id < to)
                    continue;
                if (double.IsNaN(Finishes[id]))
                    return id;
                arrival = Math.Max(arrival, Finishes[id]);
            }
        return null;
    }

    private static int Cost(ActionKind kind) => kind == ActionKind.Backward ? 2 : kind.IsCompute() ? 1 : 0;
}
