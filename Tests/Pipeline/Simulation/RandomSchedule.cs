using AutogradCore.Pipeline;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Legal schedules nobody would write: any placement, any order that the dependencies allow.</summary>
internal static class RandomSchedule
{
    internal static Schedule Create(Random random, int most = 5, bool transfers = false)
    {
        int ranks = random.Next(1, most), stages = ranks + random.Next(0, most), microbatches = random.Next(1, most + 2);
        var home = Enumerable.Range(0, stages).Select(s => s < ranks ? s : random.Next(ranks)).ToArray();
        random.Shuffle(home);
        var lists = home.Distinct().Select(_ => new List<Action>()).ToArray();
        var whole = Enumerable.Range(0, stages * microbatches).Select(_ => random.Next(3) == 0).ToArray();
        var done = new HashSet<Action>();
        var open = new List<Action>();
        for (var s = 0; s < stages; s++)
            for (var m = 0; m < microbatches; m++)
            {
                var forward = new Action(s, ActionKind.Forward, m);
                open.Add(forward);
                if (whole[s * microbatches + m])
                    open.Add(forward.As(ActionKind.Backward));
                else
                    open.AddRange([forward.As(ActionKind.BackwardInputs), forward.As(ActionKind.BackwardWeights)]);
            }
        while (open.Count > 0)
        {
            var ready = open.Where(a => Needs(a, stages).All(any => any.Any(done.Contains))).ToList();
            var action = ready[random.Next(ready.Count)];
            open.Remove(action);
            done.Add(action);
            var list = lists[home[action.Stage]];
            if (transfers)
                Spell(action, ActionKind.Forward, -1, ActionKind.ReceiveForward, ActionKind.SendForward);
            if (transfers && action.Kind is ActionKind.BackwardInputs or ActionKind.Backward)
                Spell(action, action.Kind, +1, ActionKind.ReceiveBackward, ActionKind.SendBackward);
            else if (!transfers || action.Kind != ActionKind.Forward)
                list.Add(action);

            void Spell(Action a, ActionKind kind, int from, ActionKind receive, ActionKind send)
            {
                if (a.Kind != kind)
                    return;
                bool Apart(int other) => other >= 0 && other < stages && home[other] != home[a.Stage];
                if (Apart(a.Stage + from))
                    list.Add(a.As(receive));
                list.Add(a);
                if (Apart(a.Stage - from))
                    list.Add(a.As(send));
            }
        }
        return new("random", lists.Select(list => list.AsEnumerable()));
    }

    internal static StageCosts Costs(Random random, int stages)
    {
        var links = Enumerable.Range(0, 2 * (stages - 1)).Select(_ => new Link(random.NextDouble(), 10, 10 + random.Next(90))).ToArray();
        return new([.. Times()], [.. Times()], [.. Times()], [.. links[..(stages - 1)]])
        {
            BackLinks = [.. links[(stages - 1)..]],
            Recompute = [.. Enumerable.Range(0, stages).Select(_ => random.Next(3) == 0)],
            Memory = [.. Enumerable.Range(0, stages).Select(_ => new StageMemory(random.Next(50), random.Next(50), random.Next(50)))],
        };

        IEnumerable<double> Times() => Enumerable.Range(0, stages).Select(_ => 0.05 + random.NextDouble());
    }

    /// <summary>For each need, the actions of which one fulfils it; written again here, apart from the library's table.</summary>
    internal static IEnumerable<Action[]> Needs(Action a, int stages)
    {
        var (next, previous) = (a with { Stage = a.Stage + 1 }, a with { Stage = a.Stage - 1 });
        switch (a.Kind)
        {
            case ActionKind.Forward:
                if (a.Stage > 0)
                    yield return [previous];
                break;
            case ActionKind.BackwardWeights:
                yield return [a.As(ActionKind.BackwardInputs)];
                break;
            default:
                yield return [a.As(ActionKind.Forward)];
                if (a.Stage < stages - 1)
                    yield return [next.As(ActionKind.BackwardInputs), next.As(ActionKind.Backward)];
                break;
        }
    }
}
