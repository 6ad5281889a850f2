using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>Moves receives so that none blocks work that could run: each as early as its data is there anyway.</summary>
/// <remarks>
/// A receive that stands right before the action that reads it blocks nothing else. From there it moves up, but not past an action
/// that starts before its data arrives. For transports that buffer sends; where a SEND waits for its RECV and links take time, no order
/// frees the sender, and <see cref="InsertTransfers"/> gives one that cannot deadlock.
/// </remarks>
public static class ReorderReceives
{
    /// <summary>Moves the receives; everything else keeps its order.</summary>
    /// <param name="schedule">A legal schedule.</param>
    /// <param name="costs">By which actions start and data arrive; F = I = W = 1 and free transfers by default.</param>
    /// <exception cref="ScheduleException">Illegal schedule, or costs for other stages.</exception>
    public static Schedule Apply(Schedule schedule, StageCosts? costs = null)
    {
        ScheduleValidator.Check(schedule);
        costs ??= StageCosts.Uniform(schedule.Stages);
        Simulator.RequireSameStages(schedule, costs);
        var late = WithReceivesLate(schedule);
        var index = new ScheduleIndex(late);
        var starts = Simulator.Starts(index, costs);
        return new(schedule.Name, late.Actions.Select((_, rank) => MoveUp(index, rank, starts, costs)).ToImmutableArray(),
            late.Overlapped);
    }

    /// <summary>Each receive right before its reader; for the second of an overlapped pair, before both.</summary>
    private static Schedule WithReceivesLate(Schedule schedule)
    {
        var index = new ScheduleIndex(schedule);
        return new(schedule.Name, schedule.Actions.Select(list =>
        {
            var (late, pair) = (new List<Action>(list.Length), -1);
            foreach (var action in list.Where(action => !IsReceive(action.Kind)))
            {
                if (ReceiveOf(action) is { } receive && index.Has(receive))
                    late.Insert(pair >= 0 ? pair : late.Count, receive);
                pair = schedule.Overlapped.Contains(action) ? late.Count : -1;
                late.Add(action);
            }
            return late;
        }), schedule.Overlapped);
    }

    private static ImmutableArray<Action> MoveUp(ScheduleIndex index, int rank, double[] starts, StageCosts costs)
    {
        var schedule = index.Schedule;
        var list = schedule[rank];
        // Walking back, a receive is carried along until it meets an action that starts before its data arrives.
        var moved = new List<Action>(list.Length);
        var carried = new List<(Action Receive, double Arrival)>();
        for (var step = list.Length - 1; step >= 0; step--)
        {
            var action = list[step];
            var start = starts[index.IdOf(rank, step)];
            if (IsReceive(action.Kind))
            {
                carried.Add((action, Arrival(action)));
                continue;
            }
            bool insidePair = step + 1 < list.Length && schedule.Overlapped.Contains(action);
            if (!insidePair)
                Drop(arrival => arrival > start);
            moved.Add(action);
        }
        Drop(_ => true);
        moved.Reverse();
        return [.. moved];

        double Arrival(Action receive)
        {
            var send = receive.Kind == ActionKind.ReceiveForward
                ? new Action(receive.Stage - 1, ActionKind.SendForward, receive.Microbatch)
                : new Action(receive.Stage + 1, ActionKind.SendBackward, receive.Microbatch);
            return starts[index.Find(send)] + Simulator.Delay(schedule, rank, receive, send, costs);
        }

        // The list is being built from its end, so the last to arrive goes first.
        void Drop(Predicate<double> ends)
        {
            foreach (var (receive, _) in carried.Where(c => ends(c.Arrival)).OrderByDescending(c => c.Arrival))
                moved.Add(receive);
            carried.RemoveAll(c => ends(c.Arrival));
        }
    }

    private static bool IsReceive(ActionKind kind) => kind is ActionKind.ReceiveForward or ActionKind.ReceiveBackward;

    private static Action? ReceiveOf(Action reader) => reader.Kind switch
    {
        ActionKind.Forward => reader.As(ActionKind.ReceiveForward),
        ActionKind.BackwardInputs or ActionKind.Backward => reader.As(ActionKind.ReceiveBackward),
        _ => null,
    };
}
