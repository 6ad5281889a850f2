using AutogradCore.Pipeline;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Legal schedules drawn by chance: at each moment any action that may run does. Gradients accumulate ascending.</summary>
internal static class RandomSchedule
{
    /// <summary>A schedule of a placement of stages.</summary>
    /// <param name="rankOf">The rank of each stage.</param>
    /// <param name="microbatches">Microbatches.</param>
    /// <param name="seed">Another one for each number.</param>
    /// <param name="split">Whether each stage's B is split into I and W; drawn when null.</param>
    public static Schedule Of(int[] rankOf, int microbatches, int seed, bool? split = null)
    {
        System.Random random = new(seed);
        int last = rankOf.Length - 1;
        bool[] splits = [.. rankOf.Select(_ => split ?? random.Next(2) == 0)];
        List<Action>[] lists = [.. Enumerable.Range(0, rankOf.Max() + 1).Select(_ => new List<Action>())];
        HashSet<Action> done = [];
        while (true)
        {
            List<Action> ready = [.. All().Where(a => !done.Contains(a) && IsReady(a))];
            if (ready.Count == 0) return new Schedule($"random {seed}", lists);
            Action next = ready[random.Next(ready.Count)];
            done.Add(next);
            lists[rankOf[next.Stage]].Add(next);
        }

        IEnumerable<Action> All() =>
            from stage in Enumerable.Range(0, rankOf.Length)
            from microbatch in Enumerable.Range(0, microbatches)
            from kind in splits[stage]
                ? new[] { ActionKind.Forward, ActionKind.BackwardInputs, ActionKind.BackwardWeights }
                : [ActionKind.Forward, ActionKind.Backward]
            select new Action(stage, kind, microbatch);

        bool IsReady(Action a) => a.Kind switch
        {
            ActionKind.Forward => a.Stage == 0 || done.Contains(a with { Stage = a.Stage - 1 }),
            ActionKind.BackwardWeights => done.Contains(a.As(ActionKind.BackwardInputs)) && IsNext(a),
            ActionKind.Backward => HasGradient(a) && IsNext(a),
            _ => HasGradient(a),
        };

        bool IsNext(Action a) => a.Microbatch == 0 || done.Contains(a with { Microbatch = a.Microbatch - 1 });

        bool HasGradient(Action a) => done.Contains(a.As(ActionKind.Forward)) && (a.Stage == last
            || done.Contains(new Action(a.Stage + 1, ActionKind.BackwardInputs, a.Microbatch))
            || done.Contains(new Action(a.Stage + 1, ActionKind.Backward, a.Microbatch)));
    }
}
