using System.Collections.Immutable;
using Breach = AutogradCore.Pipeline.ScheduleRule.Breach;

namespace AutogradCore.Pipeline;

/// <summary>The table of rules, in the order in which they are checked: later rules assume that earlier ones hold.</summary>
internal static class ScheduleRules
{
    internal static readonly ImmutableArray<ScheduleRule> Table =
    [
        new("one-rank", "a stage lives on a single rank, because its parameters do.", OneRank),
        new("once", "no action runs twice, and B stands for I and W, so it excludes them.", Once),
        new("transfers", "a SEND and its RECV join neighbouring stages that live on different ranks.", Transfers),
        new("complete", "each (stage, microbatch) has one F, and one B or one I and one W; SENDs and RECVs pair up.", Complete),
        new("order", "on one rank an action comes after what it needs: F before I or B, I before W, neighbours in order.", Order),
        new("updates", "updates of a stage are in order, each after the last W or B of its batch, and before the F that need it.",
            UpdateRule.Find),
        new("shards", "where a stage has UNSHARD or RESHARD, its F, I, W and B run after an UNSHARD and before the next RESHARD.",
            ShardRule.Find),
        new("sums", "REDUCE_GRAD of a stage runs once for each batch, after its last W or B and before its U.", SumRule.Find),
        new("progress", "run in order, every list reaches its end: no ranks wait for each other in a circle.", Deadlock.Find),
    ];

    private static IEnumerable<Breach> OneRank(ScheduleIndex index) =>
        from place in index.Places()
        let home = index.Schedule.RankOf(place.Action.Stage)
        where home != place.Rank
        select new Breach(place.Rank, place.Step, place.Action, null,
            $"{place.Action} runs here, but stage {place.Action.Stage} lives on rank {home}.");

    private static IEnumerable<Breach> Once(ScheduleIndex index)
    {
        foreach (var (rank, step, action) in index.Places())
        {
            if (action.Kind.IsStageWide())
                continue;
            var id = index.Find(action);
            if (id >= 0 && id != index.IdOf(rank, step))
                yield return new(rank, step, action, null, $"{action} runs again; it ran at step {index.PlaceOf(id).Step}.");
            if (action.Kind is ActionKind.BackwardInputs or ActionKind.BackwardWeights
                && index.Has(action.As(ActionKind.Backward)))
                yield return new(rank, step, action, null, $"{action} runs besides {action.As(ActionKind.Backward)}.");
        }
    }

    private static IEnumerable<Breach> Transfers(ScheduleIndex index)
    {
        var schedule = index.Schedule;
        foreach (var (rank, step, action) in index.Places())
        {
            if (!action.Kind.IsTransfer())
                continue;
            var other = Dependencies.Partner(action).Stage;
            if (other < 0)
                yield return new(rank, step, action, null, $"{action} has no partner: stage 0 is the first.");
            else if (other >= schedule.Stages)
                yield return new(rank, step, action, null, $"{action} has no partner: stage {action.Stage} is the last.");
            else if (schedule.RankOf(other) == rank)
                yield return new(rank, step, action, null,
                    $"{action} joins rank {rank} to itself: stage {other} lives there too, and nothing is transferred.");
        }
    }

    private static IEnumerable<Breach> Complete(ScheduleIndex index)
    {
        // An action whose need nobody runs shows the gap where it hurts ...
        foreach (var (rank, step, action) in index.Places())
        {
            if (FirstNeed(action, index, id => id < 0) is { } need)
                yield return new(rank, step, action, need, $"{action} needs {need}, which no rank runs.");
            if (action.Kind == ActionKind.BackwardInputs && !index.Has(action.As(ActionKind.BackwardWeights)))
                yield return new(rank, step, action, action.As(ActionKind.BackwardWeights),
                    $"{action} is never followed by {action.As(ActionKind.BackwardWeights)}.");
            if (action.Kind is ActionKind.SendForward or ActionKind.SendBackward
                && Dependencies.Partner(action) is var receive && !index.Has(receive))
                yield return new(rank, step, action, receive, $"{action} needs {receive}, which no rank runs.");
        }

        // ... what nobody needs is missed at the end of the stage's rank.
        for (var stage = 0; stage < index.Schedule.Stages; stage++)
            for (var m = 0; m < index.Schedule.Microbatches; m++)
            {
                var forward = new Action(stage, ActionKind.Forward, m);
                var hasBackward = index.Has(forward.As(ActionKind.Backward)) || index.Has(forward.As(ActionKind.BackwardInputs));
                if (index.Has(forward) && hasBackward)
                    continue;
                var missing = index.Has(forward) ? forward.As(ActionKind.Backward) : forward;
                var rank = Math.Max(0, index.Schedule.RankOf(stage));
                yield return new(rank, index.Schedule[rank].Length, missing, missing, $"{missing} is missing.");
            }
    }

    private static IEnumerable<Breach> Order(ScheduleIndex index)
    {
        foreach (var (rank, step, action) in index.Places())
        {
            var id = index.IdOf(rank, step);
            if (FirstNeed(action, index, need => need > id && index.PlaceOf(need).Rank == rank) is { } need)
                yield return new(rank, step, action, need, $"{action} runs before {need}.");
        }
    }

    private static Action? FirstNeed(Action action, ScheduleIndex index, Func<int, bool> isWrong)
    {
        Span<Action> room = stackalloc Action[Dependencies.Most];
        foreach (var need in Dependencies.Of(action, index, room))
            if (isWrong(index.Find(need)))
                return need;
        return null;
    }
}
