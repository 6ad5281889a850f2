using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>Spells out the transfers between ranks: each result is sent when it is there, and received at that moment.</summary>
/// <remarks>
/// The schedule is played with F = I = W = 1, and each transfer takes the moment its result is there, in the list of the sender
/// and in that of the receiver alike. So all lists agree on one order of all transfers and actions, and even where a SEND waits
/// for its RECV (zero buffering) no ranks can wait for each other in a circle: any
/// legal schedule, whatever its placement of stages.
/// </remarks>
public static class InsertTransfers
{
    private readonly record struct Transfer(double Time, int Producer, Action Send, Action Receive);

    /// <summary>Spells transfers out; none between stages of one rank. Transfers that the schedule has are placed anew, so
    /// applying it twice is applying it once.</summary>
    /// <param name="schedule">A legal schedule.</param>
    /// <exception cref="ScheduleException">The schedule is illegal.</exception>
    public static Schedule Apply(Schedule schedule)
    {
        ScheduleValidator.Check(schedule);
        var compute = RemoveTransfers.Apply(schedule);
        var index = new ScheduleIndex(compute);
        if (UnitClock.Play(index) is { } clock)
            return Merge(index, clock);
        // An F whose result the backward beside it waits for cannot run as one with it: done one after the other, all is well.
        index = new ScheduleIndex(new(compute.Name, compute.Actions));
        return Merge(index, UnitClock.Play(index)!);
    }

    private static Schedule Merge(ScheduleIndex index, UnitClock clock)
    {
        var schedule = index.Schedule;
        var transfers = new List<Transfer>[schedule.Ranks];
        for (var rank = 0; rank < transfers.Length; rank++)
            transfers[rank] = [];
        foreach (var transfer in Transfers(index, clock).OrderBy(t => t.Time).ThenBy(t => t.Producer))
        {
            transfers[schedule.RankOf(transfer.Send.Stage)].Add(transfer);
            transfers[schedule.RankOf(transfer.Receive.Stage)].Add(transfer);
        }
        return schedule.With([.. transfers.Select((list, rank) => Merge(index, clock, rank, list))]);
    }

    private static ImmutableArray<Action> Merge(ScheduleIndex index, UnitClock clock, int rank, List<Transfer> transfers)
    {
        var schedule = index.Schedule;
        var merged = ImmutableArray.CreateBuilder<Action>(schedule[rank].Length + transfers.Count);
        var next = 0;
        for (var step = 0; step < schedule[rank].Length; step++)
        {
            if (clock.Begins(rank, step))
                Add(until: clock.Starts[index.IdOf(rank, step)]);
            merged.Add(schedule[rank][step]);
        }
        Add(until: double.PositiveInfinity);
        return merged.ToImmutable();

        void Add(double until)
        {
            for (; next < transfers.Count && transfers[next].Time <= until; next++)
                merged.Add(schedule.RankOf(transfers[next].Send.Stage) == rank ? transfers[next].Send : transfers[next].Receive);
        }
    }

    private static IEnumerable<Transfer> Transfers(ScheduleIndex index, UnitClock clock)
    {
        var schedule = index.Schedule;
        for (var rank = 0; rank < schedule.Ranks; rank++)
            for (var step = 0; step < schedule[rank].Length; step++)
            {
                var action = schedule[rank][step];
                var (send, receive, other) = action.Kind switch
                {
                    ActionKind.Forward => (ActionKind.SendForward, ActionKind.ReceiveForward, action.Stage + 1),
                    ActionKind.BackwardInputs or ActionKind.Backward =>
                        (ActionKind.SendBackward, ActionKind.ReceiveBackward, action.Stage - 1),
                    _ => (default, default, -1),
                };
                var id = index.IdOf(rank, step);
                if (other >= 0 && other < schedule.Stages && schedule.RankOf(other) != rank)
                    yield return new(clock.Finishes[id], id, action.As(send), new(other, receive, action.Microbatch));
            }
    }
}
