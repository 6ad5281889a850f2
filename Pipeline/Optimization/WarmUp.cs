using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>Lists of F and I for one stage per rank: some F first, then I and F in turns, as in 1F1B and ZB-H2.</summary>
internal static class WarmUp
{
    /// <summary>Spines for several lengths of the warm-up, the shortest that of 1F1B, each as long as memory allows.</summary>
    /// <returns>None when a cap has no room for one microbatch.</returns>
    internal static IEnumerable<Schedule> Spines(StageCosts costs, StagePlacement placement, int microbatches, MemoryCap cap)
    {
        var ranks = placement.Ranks;
        var room = Enumerable.Range(0, ranks).Select(r => Room(costs, placement, cap, r)).ToArray();
        if (room.Min() < 1)
            yield break;
        foreach (var more in new[] { 1, 1.25, 1.5, 1.75, 2, 3, double.PositiveInfinity })
        {
            var most = long.MaxValue;
            var lists = new ImmutableArray<Action>[ranks];
            for (var stage = 0; stage < ranks; stage++)
            {
                // A stage that wants more F than the one before it runs without an I would wait forever.
                var wanted = stage == ranks - 1 ? 1 : Math.Min(microbatches, Math.Floor(more * (ranks - 1 - stage)) + 1);
                most = Math.Min(most, Math.Min(room[placement.RankOf[stage]], (long)wanted));
                lists[placement.RankOf[stage]] = List(stage, microbatches, (int)Math.Min(most, microbatches));
            }
            yield return new("zero-bubble", lists.ToImmutableArray());
        }
    }

    private static long Room(StageCosts costs, StagePlacement placement, MemoryCap cap, int rank)
    {
        var room = GreedyScheduler.Room(costs, placement, cap, rank);
        var footprint = GreedyScheduler.Footprint(costs, placement.StagesOf[rank][0]);
        return room == long.MaxValue ? room : room < 0 ? 0 : footprint == 0 ? long.MaxValue : room / footprint;
    }

    private static ImmutableArray<Action> List(int stage, int microbatches, int warmUp)
    {
        var list = ImmutableArray.CreateBuilder<Action>(2 * microbatches);
        for (var m = 0; m < warmUp; m++)
            list.Add(new(stage, ActionKind.Forward, m));
        for (var m = 0; m < microbatches; m++)
        {
            list.Add(new(stage, ActionKind.BackwardInputs, m));
            if (m + warmUp < microbatches)
                list.Add(new(stage, ActionKind.Forward, m + warmUp));
        }
        return list.MoveToImmutable();
    }
}
