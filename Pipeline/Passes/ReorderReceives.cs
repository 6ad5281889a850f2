using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>Moves receives so that none blocks work that could run: behind all that starts before its data is there.</summary>
/// <remarks>
/// For runtimes whose RECV blocks the rank and whose sends are buffered; <see cref="PipelineRunner"/> and the simulator only post
/// a RECV, and take the same time before and after. Where a SEND waits for its RECV and links take time, no order frees both
/// ranks, and <see cref="InsertTransfers"/> gives one that cannot deadlock. A receive that blocks nothing stays where it is.
/// </remarks>
public static class ReorderReceives
{
    /// <summary>Moves the receives that block; everything else keeps its order.</summary>
    /// <param name="schedule">A legal schedule.</param>
    /// <param name="costs">By which actions start and data arrive; F = I = W = 1 and free transfers by default.</param>
    /// <exception cref="ScheduleException">Illegal schedule, or costs for other stages.</exception>
    public static Schedule Apply(Schedule schedule, StageCosts? costs = null)
    {
        ScheduleValidator.Check(schedule);
        costs ??= StageCosts.Uniform(schedule.Stages);
        Simulator.RequireFit(schedule, costs);
        var index = new ScheduleIndex(WithReceivesLate(schedule));
        var played = new JobWalk(new JobGraph(index, costs));
        played.Run();
        return schedule.With([.. schedule.Actions.Select((list, rank) => MoveDown(list, rank, index, played))]);
    }

    /// <summary>Each receive right before its reader; for the second of an overlapped pair, before both.</summary>
    private static Schedule WithReceivesLate(Schedule schedule)
    {
        var index = new ScheduleIndex(schedule);
        return schedule.With([.. schedule.Actions.Select(list =>
        {
            var (late, pair) = (new List<Action>(list.Length), -1);
            foreach (var action in list.Where(action => !Dependencies.IsReceive(action.Kind)))
            {
                if (ReceiveOf(action) is { } receive && index.Has(receive))
                    late.Insert(pair >= 0 ? pair : late.Count, receive);
                pair = schedule.Overlapped.Contains(action) ? late.Count : -1;
                late.Add(action);
            }
            return late.ToImmutableArray();
        })]);
    }

    private static ImmutableArray<Action> MoveDown(ImmutableArray<Action> list, int rank, ScheduleIndex late, JobWalk played)
    {
        var moved = ImmutableArray.CreateBuilder<Action>(list.Length);
        var carried = new List<Action>();
        var (insidePair, lateStep) = (false, -1);
        foreach (var action in list)
        {
            if (Dependencies.IsReceive(action.Kind))
            {
                carried.Add(action);
                continue;
            }
            while (Dependencies.IsReceive(late.Schedule[rank][++lateStep].Kind))
            {
            }
            if (!insidePair && carried.Count > 0)
            {
                var start = played.Starts[late.IdOf(rank, lateStep)];
                var beside = late.Schedule.Overlapped.Contains(action) ? ReceiveOf(late.Schedule[rank][lateStep + 1]) : null;
                moved.AddRange(carried.Where(IsTime));
                carried.RemoveAll(IsTime);

                // The second of a pair may start after the first, but nothing may stand between them.
                bool IsTime(Action receive) =>
                    receive == beside || played.Arrivals[late.Find(Dependencies.Partner(receive))] <= start;
            }
            moved.Add(action);
            insidePair = late.Schedule.Overlapped.Contains(action);
        }
        return moved.MoveToImmutable();
    }

    private static Action? ReceiveOf(Action reader) => reader.Kind switch
    {
        ActionKind.Forward => reader.As(ActionKind.ReceiveForward),
        ActionKind.BackwardInputs or ActionKind.Backward => reader.As(ActionKind.ReceiveBackward),
        _ => null,
    };
}
