using Breach = AutogradCore.Pipeline.ScheduleRule.Breach;

namespace AutogradCore.Pipeline;

/// <summary>Where schedules without a flush may update a stage; a schedule without any U keeps the rule.</summary>
/// <remarks>
/// The batches are as many as the updates, equal and in order. Batch t runs on the parameters that the update of batch t - 2
/// made (PipeDream-2BW), so that two versions are enough. Where a batch is one microbatch, F takes the newest and the stage
/// keeps what is still in use (PipeDream).
/// </remarks>
internal static class UpdateRule
{
    internal static IEnumerable<Breach> Find(ScheduleIndex index)
    {
        var schedule = index.Schedule;
        var updates = index.Places().Where(place => place.Action.Kind == ActionKind.Update).ToList();
        if (updates.Count == 0)
            yield break;
        var (rankOfLast, stepOfLast, last) = updates.MaxBy(place => place.Action.Microbatch);
        var batches = last.Microbatch + 1;
        var size = schedule.Microbatches / batches;
        if (size == 0 || size * batches != schedule.Microbatches)
        {
            yield return new(rankOfLast, stepOfLast, last, null,
                $"{last} makes {batches} batches, into which {schedule.Microbatches} microbatches do not divide.");
            yield break;
        }

        foreach (var (rank, step, action) in index.Places())
            foreach (var need in NeedsOf(action, size, index))
                if (index.Find(need) > index.IdOf(rank, step))
                {
                    yield return new(rank, step, action, need, $"{action} runs before {need}.");
                    break;
                }

        for (var stage = 0; stage < schedule.Stages; stage++)
            for (var batch = 0; batch < batches; batch++)
            {
                var update = new Action(stage, ActionKind.Update, batch);
                var rank = schedule.RankOf(stage);
                if (!index.Has(update))
                    yield return new(rank, schedule[rank].Length, update, update, $"{update} is missing.");
            }
    }

    /// <summary>What must come earlier in the list of the same rank.</summary>
    private static IEnumerable<Action> NeedsOf(Action action, int size, ScheduleIndex index)
    {
        var (stage, kind, number) = action;
        if (kind == ActionKind.Forward && size > 1 && number / size >= 2)
            yield return new(stage, ActionKind.Update, number / size - 2);
        if (kind != ActionKind.Update)
            yield break;
        if (number > 0)
            yield return new(stage, ActionKind.Update, number - 1);
        for (var m = number * size; m < (number + 1) * size; m++)
            yield return LastBackward(stage, m, index);
    }

    /// <summary>What completes the gradients of a microbatch: its B, or its W.</summary>
    internal static Action LastBackward(int stage, int microbatch, ScheduleIndex index)
    {
        var whole = new Action(stage, ActionKind.Backward, microbatch);
        return index.Has(whole) ? whole : whole.As(ActionKind.BackwardWeights);
    }
}
