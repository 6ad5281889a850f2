using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>Spells out the data-parallel sums of gradients that costs ask for and a schedule leaves to be understood.</summary>
internal static class Collectives
{
    /// <summary>The schedule with REDUCE_GRAD of each stage whose sum takes time; unchanged where it has its own.</summary>
    internal static Schedule Insert(Schedule schedule, StageCosts costs)
    {
        if (costs.AllReduce.All(time => time == 0))
            return schedule;
        var spelled = schedule.Actions.SelectMany(list => list)
            .Where(a => a.Kind == ActionKind.ReduceGradient).Select(a => a.Stage).ToHashSet();
        return schedule.With([.. schedule.Actions.Select(list => Insert(list, costs, spelled))]);
    }

    private static ImmutableArray<Action> Insert(ImmutableArray<Action> list, StageCosts costs, HashSet<int> spelled)
    {
        var sums = new Dictionary<int, List<Action>>(); // what follows a step; the list's length is its end
        var lastBackward = new Dictionary<int, int>();
        for (var step = 0; step < list.Length; step++)
        {
            var action = list[step];
            if (spelled.Contains(action.Stage) || costs.AllReduce[action.Stage] == 0)
                continue;
            if (action.Kind is ActionKind.Backward or ActionKind.BackwardWeights)
                lastBackward[action.Stage] = step;
            else if (action.Kind == ActionKind.Update && lastBackward.Remove(action.Stage, out var last))
                Follow(costs.AllReduceOverlaps ? last : step - 1, action.Stage);
        }
        foreach (var (stage, last) in lastBackward.OrderBy(pair => pair.Value))
            Follow(costs.AllReduceOverlaps ? last : list.Length, stage);
        var all = ImmutableArray.CreateBuilder<Action>(list.Length + sums.Count);
        for (var step = 0; step <= list.Length; step++)
        {
            if (step < list.Length)
                all.Add(list[step]);
            if (sums.TryGetValue(step, out var here))
                all.AddRange(here);
        }
        return all.ToImmutable();

        void Follow(int step, int stage)
        {
            if (!sums.TryGetValue(step, out var here))
                sums[step] = here = [];
            here.Add(new(stage, ActionKind.ReduceGradient, Action.NoMicrobatch));
        }
    }
}
