using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>List scheduling: play the schedule in time, and where a rank would wait, run the oldest W it owes.</summary>
/// <remarks>
/// In a wait shorter than W it is not known beforehand whether delaying the next action pays, so several thresholds are
/// played and the shortest makespan wins; the zero-bubble scheduler (arXiv 2401.10241) tries its options the same way.
/// </remarks>
internal sealed class FillWaits
{
    // The share of a W that a wait must hold: all of it (no F or I is ever delayed), half of it, or none.
    private static readonly double[] Shares = [1, 0.5, 0];

    private readonly Schedule spine;
    private readonly ScheduleIndex index;
    private readonly StageCosts costs;
    private readonly double share;
    private readonly int pendingLimit;

    private readonly double[] earliest;
    private readonly double[] finishes;
    private readonly int[] next;
    private readonly WeightQueue[] owed;
    private readonly ImmutableArray<Action>.Builder[] placed;
    private readonly Dictionary<int, List<int>> parked = [];
    private readonly PriorityQueue<int, (double Time, int Rank)> wakeUps = new();

    private FillWaits(ScheduleIndex index, StageCosts costs, double[] earliest, double share, int pendingLimit)
    {
        (this.index, this.costs, this.earliest, this.share, this.pendingLimit) = (index, costs, earliest, share, pendingLimit);
        spine = index.Schedule;
        finishes = new double[spine.Count];
        Array.Fill(finishes, double.NaN);
        next = new int[spine.Ranks];
        owed = [.. next.Select(_ => new WeightQueue(spine.Microbatches))];
        placed = [.. next.Select(_ => ImmutableArray.CreateBuilder<Action>())];
    }

    /// <summary>The placement with the shortest makespan; on a tie the one that delays F and I least.</summary>
    internal static Schedule Best(Schedule spine, StageCosts costs, int pendingLimit)
    {
        var index = new ScheduleIndex(spine);
        var earliest = Simulator.Starts(index, costs);
        var best = new FillWaits(index, costs, earliest, Shares[0], pendingLimit).Play();
        var shortest = Simulator.Makespan(best, costs);
        var others = Shares.Skip(1)
            .Select(share => new FillWaits(index, costs, earliest, share, pendingLimit).Play())
            .Append(SplitBackward.WeightsAtOnce(spine));
        foreach (var other in others)
        {
            var makespan = Simulator.Makespan(other, costs);
            if (makespan < shortest * (1 - 1e-9)) // rounding makes no winner
                (best, shortest) = (other, makespan);
        }
        return best;
    }

    private Schedule Play()
    {
        for (var rank = 0; rank < spine.Ranks; rank++)
            wakeUps.Enqueue(rank, (0, rank));
        while (wakeUps.TryDequeue(out var rank, out var at))
            if (next[rank] < spine[rank].Length)
                Advance(rank, at.Time);
        for (var rank = 0; rank < spine.Ranks; rank++)
            placed[rank].AddRange(owed[rank].TakeAll());
        return new(spine.Name, placed.Select(list => list.ToImmutable()).ToImmutableArray());
    }

    // One decision of a rank that is free now.
    private void Advance(int rank, double now)
    {
        var action = spine[rank][next[rank]];
        var id = index.IdOf(rank, next[rank]);
        if (action.Kind == ActionKind.BackwardInputs && owed[rank].Pending >= pendingLimit && RunWeights(rank, now))
            return;
        var arrival = Arrival(rank, action, out var unknown);
        if (arrival <= now * (1 + 1e-9))
            Run(rank, action, id, now);
        else if (owed[rank].TryPeek(out var weights) && Wait(id, arrival, now) >= share * costs.Of(weights) * (1 - 1e-9))
            RunWeights(rank, now);
        else if (unknown is { } need)
            Park(rank, need);
        else
            wakeUps.Enqueue(rank, (arrival, rank));
    }

    // When the needs will be here: NaN while one of them has not started.
    private double Arrival(int rank, Action action, out int? unknown)
    {
        unknown = null;
        var arrival = 0.0;
        Span<Action> room = stackalloc Action[Dependencies.Most];
        foreach (var need in Dependencies.Of(action, index, room))
        {
            var id = index.Find(need);
            if (double.IsNaN(finishes[id]))
                unknown = id;
            arrival = Math.Max(arrival, finishes[id] + Simulator.Delay(spine, rank, action, need, costs));
        }
        return arrival;
    }

    // Without any W the action starts at its earliest; W only delay, so this never overestimates the wait.
    private double Wait(int id, double arrival, double now) =>
        (double.IsNaN(arrival) ? Math.Max(earliest[id], now) : arrival) - now;

    private void Run(int rank, Action action, int id, double now)
    {
        finishes[id] = now + costs.Of(action);
        placed[rank].Add(action);
        next[rank]++;
        if (action.Kind == ActionKind.BackwardInputs)
            owed[rank].Owe(action);
        if (parked.Remove(id, out var waiting))
            foreach (var other in waiting)
                wakeUps.Enqueue(other, (now, other));
        wakeUps.Enqueue(rank, (finishes[id], rank));
    }

    private bool RunWeights(int rank, double now)
    {
        if (!owed[rank].TryTake(out var weights))
            return false;
        placed[rank].Add(weights);
        wakeUps.Enqueue(rank, (now + costs.Of(weights), rank));
        return true;
    }

    private void Park(int rank, int need)
    {
        if (!parked.TryGetValue(need, out var waiting))
            parked[need] = waiting = [];
        waiting.Add(rank);
    }
}
