using AutogradCore.Pipeline;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>The shortest makespan by simulating every legal schedule: microbatches in any order, nothing pruned.</summary>
internal static class EveryOrder
{
    internal static double Shortest(StageCosts costs, int ranks, int microbatches, MemoryCap cap)
    {
        var open = (
            from s in Enumerable.Range(0, costs.Stages)
            from m in Enumerable.Range(0, microbatches)
            from kind in new[] { ActionKind.Forward, ActionKind.BackwardInputs, ActionKind.BackwardWeights }
            select new Action(s, kind, m)).ToHashSet();
        var lists = Enumerable.Range(0, ranks).Select(_ => new List<Action>()).ToArray();
        var seen = new HashSet<string>();
        var shortest = double.PositiveInfinity;
        Extend();
        return shortest;

        void Extend()
        {
            if (!seen.Add(string.Join('|', lists.Select(list => string.Join(',', list)))))
                return; // the same lists, filled in another order
            if (open.Count == 0)
            {
                var starts = NaiveSimulator.Starts(new("", lists.Select(list => list.AsEnumerable())), costs);
                shortest = Math.Min(shortest, starts.Max(pair => pair.Value + costs.Of(pair.Key)));
                return;
            }
            foreach (var action in open.ToArray())
            {
                if (RandomSchedule.Needs(action, costs.Stages).Any(any => any.All(need => open.Contains(need) || !Exists(need))))
                    continue;
                var list = lists[action.Stage % ranks];
                var held = list.Count(a => a.Kind == ActionKind.Forward) - list.Count(a => a.Kind == ActionKind.BackwardWeights);
                if (action.Kind == ActionKind.Forward && held >= cap.On(action.Stage % ranks))
                    continue;
                open.Remove(action);
                list.Add(action);
                Extend();
                list.RemoveAt(list.Count - 1);
                open.Add(action);
            }
        }

        static bool Exists(Action need) => need.Kind != ActionKind.Backward;
    }
}
