namespace AutogradCore.Pipeline;

/// <summary>Runs the lists symbolically: an action runs when it heads its list and its needs have run.</summary>
/// <remarks>O(actions): a rank that has to wait is parked on the action it waits for and woken once.</remarks>
internal static class ListWalk
{
    /// <summary>Called for each action in an order that respects the lists and the dependencies.</summary>
    /// <param name="id">The action's id in the index.</param>
    /// <param name="rank">Its rank.</param>
    /// <param name="action">The action.</param>
    /// <param name="needs">What it needed; all of them were visited before.</param>
    internal delegate void Visit(int id, int rank, Action action, ReadOnlySpan<Action> needs);

    /// <summary>Walks as far as possible.</summary>
    /// <returns>For each rank, how many of its actions ran; less than all of them means deadlock.</returns>
    internal static int[] Run(ScheduleIndex index, Visit? visit = null)
    {
        var schedule = index.Schedule;
        var next = new int[schedule.Ranks];
        var ran = new bool[schedule.Count];
        var parked = new Dictionary<int, List<int>>();
        var ready = new Stack<int>(Enumerable.Range(0, schedule.Ranks).Reverse());
        Span<Action> room = stackalloc Action[Dependencies.Most];
        while (ready.TryPop(out var rank))
        {
            for (; next[rank] < schedule[rank].Length; next[rank]++)
            {
                var action = schedule[rank][next[rank]];
                var needs = Dependencies.Of(action, index, room);
                if (FirstMissing(needs, index, ran) is { } missing)
                {
                    if (!parked.TryGetValue(missing, out var waiting))
                        parked[missing] = waiting = [];
                    waiting.Add(rank);
                    break;
                }
                var id = index.IdOf(rank, next[rank]);
                ran[id] = true;
                visit?.Invoke(id, rank, action, needs);
                if (parked.Remove(id, out var woken))
                    woken.ForEach(ready.Push);
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
