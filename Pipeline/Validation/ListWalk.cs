namespace AutogradCore.Pipeline;

/// <summary>Runs the lists symbolically: an action runs when it heads its list and what it waits for has run.</summary>
/// <remarks>O(actions): a rank that has to wait is parked on the action it waits for and woken once.</remarks>
internal static class ListWalk
{
    /// <summary>Walks as far as possible.</summary>
    /// <returns>For each rank, how many of its actions ran; less than all of them means deadlock.</returns>
    internal static int[] Run(ScheduleIndex index)
    {
        var schedule = index.Schedule;
        var next = new int[schedule.Ranks];
        var ran = new bool[schedule.Count];
        var firstParked = new int[schedule.Count]; // rank + 1 of the first that waits for an action; 0 when none does
        var nextParked = new int[schedule.Ranks]; // the same for the next that waits for the same action
        var ready = new Stack<int>(Enumerable.Range(0, schedule.Ranks).Reverse());
        Span<Action> room = stackalloc Action[Dependencies.Most];
        while (ready.TryPop(out var rank))
        {
            for (; next[rank] < schedule[rank].Length; next[rank]++)
            {
                var action = schedule[rank][next[rank]];
                var needs = Dependencies.Awaited(action, index, room);
                if (FirstMissing(needs, index, ran) is { } missing)
                {
                    // What nobody runs is never waited for in vain: such a rank just stops.
                    if (missing >= 0)
                        (nextParked[rank], firstParked[missing]) = (firstParked[missing], rank + 1);
                    break;
                }
                var id = index.IdOf(rank, next[rank]);
                ran[id] = true;
                for (var woken = firstParked[id]; woken > 0; woken = nextParked[woken - 1])
                    ready.Push(woken - 1);
            }
        }
        return next;
    }

    private static int? FirstMissing(ReadOnlySpan<Action> needs, ScheduleIndex index, bool[] ran)
    {
        foreach (var need in needs)
        {
            var id = index.Find(need);
            if (id < 0 || !ran[id])
                return id;
        }
        return null;
    }
}
