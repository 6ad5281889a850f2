using Breach = AutogradCore.Pipeline.ScheduleRule.Breach;

namespace AutogradCore.Pipeline;

/// <summary>Where REDUCE_GRAD may stand: once for each batch of a stage, after the last W or B of the batch, before its
/// U.</summary>
/// <remarks>A schedule without any U is one batch. A second sum of the same gradients would count every replica again.</remarks>
internal static class SumRule
{
    internal static IEnumerable<Breach> Find(ScheduleIndex index)
    {
        var batches = Math.Max(1, index.Places().Count(place => place.Action is { Stage: 0, Kind: ActionKind.Update }));
        var size = index.Schedule.Microbatches / batches;
        var updated = new int[index.Schedule.Stages];
        var summed = new int[index.Schedule.Stages];
        foreach (var (rank, step, action) in index.Places())
        {
            if (action.Kind == ActionKind.Update)
                updated[action.Stage]++;
            if (action.Kind != ActionKind.ReduceGradient)
                continue;
            var batch = updated[action.Stage];
            if (batch == batches)
                yield return new(rank, step, action, null, $"{action} runs after the last update of its stage.");
            else if (summed[action.Stage] > batch)
                yield return new(rank, step, action, null, $"{action} runs again for the same gradients.");
            else if (LateBackward(action.Stage, batch * size, size, index, index.IdOf(rank, step)) is { } late)
                yield return new(rank, step, action, late, $"{action} runs before {late}.");
            summed[action.Stage] = batch + 1;
        }
    }

    private static Action? LateBackward(int stage, int first, int count, ScheduleIndex index, int sum)
    {
        for (var m = first; m < first + count; m++)
            if (UpdateRule.LastBackward(stage, m, index) is var backward && index.Find(backward) > sum)
                return backward;
        return null;
    }
}
