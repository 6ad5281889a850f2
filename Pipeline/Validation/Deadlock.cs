using Breach = AutogradCore.Pipeline.ScheduleRule.Breach;

namespace AutogradCore.Pipeline;

/// <summary>Finds ranks that wait for each other in a circle, by running the lists until nothing moves.</summary>
internal static class Deadlock
{
    internal static IEnumerable<Breach> Find(ScheduleIndex index)
    {
        var next = ListWalk.Run(index);
        var stuck = Enumerable.Range(0, next.Length).FirstOrDefault(rank => next[rank] < index.Schedule[rank].Length, -1);
        if (stuck >= 0)
            yield return Circle(index, next, stuck);
    }

    private static Breach Circle(ScheduleIndex index, int[] next, int rank)
    {
        // Each stuck rank waits for exactly one other, so following them must come back to a rank already seen.
        var seen = new List<int>();
        while (!seen.Contains(rank))
        {
            seen.Add(rank);
            rank = index.PlaceOf(index.Find(WaitsFor(index, next, rank))).Rank;
        }
        var circle = seen[seen.IndexOf(rank)..];
        var lines = circle.Select(r =>
        {
            var need = WaitsFor(index, next, r);
            var other = index.PlaceOf(index.Find(need)).Rank;
            return $"  rank {r} stands at {index.Schedule[r][next[r]]}, waiting for {need} of rank {other}";
        });
        var step = next[rank];
        var action = index.Schedule[rank][step];
        var first = WaitsFor(index, next, rank);
        return new(rank, step, action, first,
            $"{action} never starts: deadlock.{Environment.NewLine}{string.Join(Environment.NewLine, lines)}");
    }

    private static Action WaitsFor(ScheduleIndex index, int[] next, int rank)
    {
        Span<Action> room = stackalloc Action[Dependencies.Most];
        foreach (var need in Dependencies.Of(index.Schedule[rank][next[rank]], index, room))
        {
            var (home, step) = index.PlaceOf(index.Find(need));
            if (step >= next[home])
                return need;
        }
        throw new System.Diagnostics.UnreachableException("A rank that stands still waits for something.");
    }
}
