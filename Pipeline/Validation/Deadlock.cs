using Breach = AutogradCore.Pipeline.ScheduleRule.Breach;

namespace AutogradCore.Pipeline;

/// <summary>Finds ranks that wait for each other in a circle, by running the lists until nothing moves;
/// sends are buffered and receives are posted.</summary>
internal static class Deadlock
{
    internal static IEnumerable<Breach> Find(ScheduleIndex index)
    {
        var next = ListWalk.Run(index);
        var stuck = WaitingCircle.Stuck(index.Schedule, next);
        if (stuck >= 0)
            yield return WaitingCircle.Describe(index, next, stuck, (_, action) => FirstMissing(index, next, action));
    }

    /// <summary>The first need that has not run.</summary>
    internal static Action FirstMissing(ScheduleIndex index, int[] next, Action action)
    {
        Span<Action> room = stackalloc Action[Dependencies.Most];
        foreach (var need in Dependencies.Awaited(action, index, room))
        {
            var (home, step) = index.PlaceOf(index.Find(need));
            if (step >= next[home])
                return need;
        }
        throw new System.Diagnostics.UnreachableException("A rank that stands still waits for something.");
    }
}
