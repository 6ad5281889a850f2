using Breach = AutogradCore.Pipeline.ScheduleRule.Breach;

namespace AutogradCore.Pipeline;

/// <summary>Finds and describes the circle in which ranks wait for each other, once nothing moves any more.</summary>
internal static class WaitingCircle
{
    /// <summary>The action of another rank that the given action of this rank waits for.</summary>
    internal delegate Action WaitsFor(int rank, Action standsAt);

    /// <summary>The first rank that did not reach the end of its list, or -1.</summary>
    internal static int Stuck(Schedule schedule, int[] next) =>
        Enumerable.Range(0, next.Length).FirstOrDefault(rank => next[rank] < schedule[rank].Length, -1);

    /// <summary>Each stuck rank waits for exactly one other, so following them comes back to a rank already seen.</summary>
    internal static Breach Describe(ScheduleIndex index, int[] next, int rank, WaitsFor waitsFor)
    {
        var seen = new List<int>();
        while (!seen.Contains(rank))
        {
            seen.Add(rank);
            rank = RankOf(Need(rank));
        }
        var lines = seen[seen.IndexOf(rank)..]
            .Select(r => $"  rank {r} stands at {At(r)}, waiting for {Need(r)} of rank {RankOf(Need(r))}");
        return new(rank, next[rank], At(rank), Need(rank),
            $"{At(rank)} never starts: deadlock.{Environment.NewLine}{string.Join(Environment.NewLine, lines)}");

        Action At(int r) => index.Schedule[r][next[r]];

        Action Need(int r) => waitsFor(r, At(r));

        int RankOf(Action action) => index.PlaceOf(index.Find(action)).Rank;
    }
}
