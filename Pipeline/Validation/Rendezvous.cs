using System.Collections.Immutable;
using Breach = AutogradCore.Pipeline.ScheduleRule.Breach;

namespace AutogradCore.Pipeline;

/// <summary>Says whether a schedule with spelled-out transfers runs without any buffer: a SEND and its RECV happen together, and
/// each rank stands still until the other is there.</summary>
/// <remarks>
/// What NCCL's and MPI's synchronous sends do. Stricter than <see cref="ScheduleValidator"/>, where a send never waits.
/// O(actions). Transfers that the schedule does not spell out are taken as buffered.
/// </remarks>
public static class Rendezvous
{
    private static readonly ScheduleRule Rule = new("rendezvous",
        "where a SEND waits for its RECV, ranks must meet in one order; the pass that inserts transfers finds one.", Find);

    /// <summary>The violations of the first rule broken: those of <see cref="ScheduleValidator"/>, then this one.</summary>
    /// <param name="schedule">Any schedule.</param>
    public static ImmutableArray<ScheduleViolation> Violations(Schedule schedule) =>
        ScheduleValidator.Violations(schedule) is { Length: > 0 } broken
            ? broken
            : [.. Rule.Check(new ScheduleIndex(schedule))];

    /// <summary>Returns when the schedule is legal and cannot deadlock.</summary>
    /// <param name="schedule">Any schedule.</param>
    /// <exception cref="ScheduleException">A rule is broken; a deadlock is shown as the circle of ranks that wait.</exception>
    public static void Check(Schedule schedule) => ScheduleValidator.ThrowAny(schedule, Violations(schedule));

    private static IEnumerable<Breach> Find(ScheduleIndex index)
    {
        var next = Walk(index);
        var stuck = WaitingCircle.Stuck(index.Schedule, next);
        if (stuck >= 0)
            yield return WaitingCircle.Describe(index, next, stuck,
                (_, action) => action.Kind.IsTransfer()
                    ? Dependencies.Partner(action)
                    : Deadlock.FirstMissing(index, next, action));
    }

    // How far each rank gets. A rank at a transfer is moved on by its partner, if that comes later.
    private static int[] Walk(ScheduleIndex index)
    {
        var schedule = index.Schedule;
        var next = new int[schedule.Ranks];
        var parked = new Dictionary<int, List<int>>();
        var ready = new Stack<int>(Enumerable.Range(0, schedule.Ranks).Reverse());
        while (ready.TryPop(out var rank))
            while (next[rank] < schedule[rank].Length)
            {
                var action = schedule[rank][next[rank]];
                if (action.Kind.IsTransfer())
                {
                    var (other, step) = index.PlaceOf(index.Find(Dependencies.Partner(action)));
                    if (next[other] != step)
                        break;
                    Finish(other);
                    ready.Push(other);
                }
                else if (FirstMissing(index, next, action) is { } missing)
                {
                    if (!parked.TryGetValue(missing, out var waiting))
                        parked[missing] = waiting = [];
                    waiting.Add(rank);
                    break;
                }
                Finish(rank);
            }
        return next;

        void Finish(int rank)
        {
            if (parked.Remove(index.IdOf(rank, next[rank]++), out var woken))
                woken.ForEach(ready.Push);
        }
    }

    private static int? FirstMissing(ScheduleIndex index, int[] next, Action action)
    {
        Span<Action> room = stackalloc Action[Dependencies.Most];
        foreach (var need in Dependencies.Of(action, index, room))
        {
            var id = index.Find(need);
            var (home, step) = index.PlaceOf(id);
            if (step >= next[home])
                return id;
        }
        return null;
    }
}
