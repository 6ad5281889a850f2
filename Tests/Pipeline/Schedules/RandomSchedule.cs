using AutogradCore.Pipeline;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Legal schedules that nobody would write: any placement, any order that the dependencies allow.</summary>
internal static class RandomSchedule
{
    /// <summary>Up to 4 ranks, 6 stages and 6 microbatches; some backwards whole, some split; no updates.</summary>
    internal static Schedule Next(Random random)
    {
        var (ranks, stages, microbatches) = (random.Next(1, 5), random.Next(1, 7), random.Next(1, 7));
        var homes = Enumerable.Range(0, stages).Select(_ => random.Next(ranks)).ToArray();
        var open = new List<Action>();
        for (var stage = 0; stage < stages; stage++)
            for (var m = 0; m < microbatches; m++)
            {
                open.Add(new(stage, ActionKind.Forward, m));
                if (random.Next(2) == 0)
                    open.Add(new(stage, ActionKind.Backward, m));
                else
                    open.AddRange([new(stage, ActionKind.BackwardInputs, m), new(stage, ActionKind.BackwardWeights, m)]);
            }
        var done = new HashSet<Action>();
        var lists = Enumerable.Range(0, ranks).Select(_ => new List<Action>()).ToList();
        while (open.Count > 0)
        {
            var ready = open.Where(action => IsReady(action, stages, done)).ToList();
            var next = ready[random.Next(ready.Count)];
            open.Remove(next);
            done.Add(next);
            lists[homes[next.Stage]].Add(next);
        }
        return new("random", lists);
    }

    /// <summary>Whether the lists reach their end when each rank runs its next action as soon as that is ready: the
    /// specification of what is legal among lists that have every action once, on one rank per stage.</summary>
    internal static bool ReachesItsEnd(Schedule schedule)
    {
        var next = new int[schedule.Ranks];
        var done = new HashSet<Action>();
        bool moved;
        do
        {
            moved = false;
            for (var rank = 0; rank < schedule.Ranks; rank++)
                while (next[rank] < schedule[rank].Length && IsReady(schedule[rank][next[rank]], schedule.Stages, done))
                {
                    done.Add(schedule[rank][next[rank]++]);
                    moved = true;
                }
        }
        while (moved);
        return done.Count == schedule.Count;
    }

    private static bool IsReady(Action action, int stages, HashSet<Action> done) => action.Kind switch
    {
        ActionKind.Forward => action.Stage == 0 || done.Contains(action with { Stage = action.Stage - 1 }),
        ActionKind.BackwardWeights => done.Contains(action.As(ActionKind.BackwardInputs)),
        _ => done.Contains(action.As(ActionKind.Forward))
            && (action.Stage == stages - 1
                || done.Contains(new(action.Stage + 1, ActionKind.Backward, action.Microbatch))
                || done.Contains(new(action.Stage + 1, ActionKind.BackwardInputs, action.Microbatch))),
    };
}
