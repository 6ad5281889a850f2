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
        var whole = Enumerable.Range(0, stages * microbatches).Select(_ => random.Next(3) == 0).ToArray();
        return Draw(random, home, microbatches, whole, transfers, ascending: false);
    }

    /// <summary>One of a placement of stages whose gradients accumulate ascending;
    /// each stage's B is whole or split throughout.</summary>
    internal static Schedule Ascending(int[] home, int microbatches, int seed)
    {
        var random = new Random(seed);
        var whole = home.SelectMany(_ => Enumerable.Repeat(random.Next(2) == 0, microbatches)).ToArray();
        return Draw(random, home, microbatches, whole, transfers: false, ascending: true);
    }

    /// <summary>The schedule with some stages sharded, some gradients summed, and some F overlapped with the backward after
    /// them.</summary>
    internal static Schedule Decorated(Random random, Schedule schedule)
    {
        var (sharded, summed) = (Some(), Some());
        var lists = schedule.Actions.Select(list => WithCollectives(random, list, sharded, summed)).ToArray();
        return new(schedule.Name, lists, lists.SelectMany(list => list.Zip(list.Skip(1)))
            .Where(pair => pair.First.Kind == ActionKind.Forward
                && pair.Second.Kind is ActionKind.Backward or ActionKind.BackwardInputs && random.Next(2) == 0)
            .Select(pair => pair.First));

        HashSet<int> Some() => [.. Enumerable.Range(0, schedule.Stages).Where(_ => random.Next(2) == 0)];
    }

    private static List<Action> WithCollectives(
        Random random, IReadOnlyList<Action> list, HashSet<int> sharded, HashSet<int> summed)
    {
        var all = new List<Action>();
        var gathered = new HashSet<int>();
        foreach (var action in list)
        {
            var (stage, kind, _) = action;
            if (kind.IsCompute() && sharded.Contains(stage) && gathered.Add(stage))
                all.Add(new(stage, ActionKind.Unshard, Action.NoMicrobatch));
            all.Add(action);
            foreach (var idle in gathered.Where(_ => random.Next(3) == 0).ToArray())
            {
                gathered.Remove(idle);
                all.Add(new(idle, ActionKind.Reshard, Action.NoMicrobatch));
            }
            if (kind is ActionKind.BackwardWeights or ActionKind.Backward && summed.Contains(stage)
                && action == list.Last(a => a.Stage == stage && a.Kind is ActionKind.BackwardWeights or ActionKind.Backward))
                all.Add(new(stage, ActionKind.ReduceGradient, Action.NoMicrobatch));
        }
        return all;
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
                while (next[rank] < schedule[rank].Length
                    && Needs(schedule[rank][next[rank]], schedule.Stages).All(any => any.Any(done.Contains)))
                {
                    done.Add(schedule[rank][next[rank]++]);
                    moved = true;
                }
        }
        while (moved);
        return done.Count == schedule.Count;
    }

    private static Schedule Draw(Random random, int[] home, int microbatches, bool[] whole, bool transfers, bool ascending)
    {
        var stages = home.Length;
        var lists = Enumerable.Range(0, home.Max() + 1).Select(_ => new List<Action>()).ToArray();
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
            var ready = open.Where(a => Needs(a, stages).All(any => any.Any(done.Contains)) && IsInTurn(a)).ToList();
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

        bool IsInTurn(Action a) => !ascending || a.Microbatch == 0
            || a.Kind is not (ActionKind.Backward or ActionKind.BackwardWeights)
            || done.Contains(a with { Microbatch = a.Microbatch - 1 });
    }

    internal static StageCosts Costs(Random random, int stages)
    {
        var links = Enumerable.Range(0, 2 * (stages - 1))
            .Select(_ => new Link(random.NextDouble(), 10, 10 + random.Next(90))).ToArray();
        return new([.. Times()], [.. Times()], [.. Times()], [.. links[..(stages - 1)]])
        {
            BackLinks = [.. links[(stages - 1)..]],
            Recompute = [.. Enumerable.Range(0, stages).Select(_ => random.Next(3) == 0)],
            Memory = [.. Enumerable.Range(0, stages).Select(_ =>
                new StageMemory(random.Next(50), random.Next(50), random.Next(50), random.Next(20)))],
        };

        IEnumerable<double> Times() => Enumerable.Range(0, stages).Select(_ => 0.05 + random.NextDouble());
    }

    /// <summary>Room for one microbatch in all stages of a rank at once, and a little more.</summary>
    internal static MemoryCap Cap(Random random, Schedule schedule, StageCosts costs) =>
        MemoryCap.PerRank([.. Enumerable.Range(0, schedule.Ranks).Select(rank =>
            1 + random.Next(100) + schedule.StagesOf(rank).Select(s => costs.Memory[s]).Sum(m =>
                m.Parameters + 2 * Math.Max(Math.Max(m.AfterForward, m.Input), m.AfterInputs)))]);

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
