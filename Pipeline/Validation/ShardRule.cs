using Breach = AutogradCore.Pipeline.ScheduleRule.Breach;

namespace AutogradCore.Pipeline;

/// <summary>Where a stage may compute whose parameters are sharded: between its UNSHARD and its RESHARD.</summary>
/// <remarks>A stage with neither of them keeps its parameters whole. A list starts with all parameters sharded, and may end with
/// some gathered (torch.distributed.pipelining: <c>_add_unshard_reshard</c>, <c>_assert_unsharded</c>).</remarks>
internal static class ShardRule
{
    internal static IEnumerable<Breach> Find(ScheduleIndex index)
    {
        var sharded = index.Schedule.Actions.SelectMany(list => list).Where(IsShard).Select(action => action.Stage).ToHashSet();
        if (sharded.Count == 0)
            yield break;
        var gathered = new HashSet<int>();
        foreach (var (rank, step, action) in index.Places())
        {
            var unshard = new Action(action.Stage, ActionKind.Unshard, Action.NoMicrobatch);
            if (action == unshard && !gathered.Add(action.Stage))
                yield return new(rank, step, action, null, $"{action} runs again before {unshard.As(ActionKind.Reshard)}.");
            else if (action.Kind == ActionKind.Reshard && !gathered.Remove(action.Stage))
                yield return new(rank, step, action, unshard, $"{action} runs without {unshard} before it.");
            else if (action.Kind.IsCompute() && sharded.Contains(action.Stage) && !gathered.Contains(action.Stage))
                yield return new(rank, step, action, unshard, $"{action} runs while stage {action.Stage} is sharded.");
        }
    }

    private static bool IsShard(Action action) => action.Kind is ActionKind.Unshard or ActionKind.Reshard;
}
