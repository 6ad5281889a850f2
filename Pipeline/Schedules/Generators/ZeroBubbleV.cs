namespace AutogradCore.Pipeline;

public static partial class Schedules
{
    /// <summary>ZB-V: two stages per rank in a V. No bubble at equal costs for M >= 2N-1, in the memory of 1F1B: idle time
    /// between a rank's first action and its last, which each rank sees shifted by F.</summary>
    /// <remarks>
    /// Controllable memory (arXiv 2405.15362), in the closed form of PyTorch's ZBVZeroBubble. Holds up to 2N of its half-sized
    /// stages, which is N full ones, on every rank. Fewer microbatches leave places in the lists empty: there the W are placed
    /// anew, and the order of the last I too.
    /// </remarks>
    /// <param name="ranks">N: two stages each; at least 1.</param>
    /// <param name="microbatches">M: at least 1.</param>
    /// <exception cref="ScheduleException">A count is below 1.</exception>
    public static Schedule ZBV(int ranks, int microbatches)
    {
        var published = PublishedZBV(ranks, microbatches);
        if (microbatches >= 2 * ranks - 1)
            return published;
        var spine = published.Actions.Select(list => list.RemoveAll(action => action.Kind == ActionKind.BackwardWeights));
        return new(published.Name, WeightsInGaps.Place(spine, 2 * ranks, microbatches, held: 2 * ranks));
    }

    private static Schedule PublishedZBV(int ranks, int microbatches) =>
        PerRank("zb-v", ranks, microbatches, (rank, list) =>
        {
            var (down, up) = (Placement.V(rank, 0, ranks), Placement.V(rank, 1, ranks));
            var total = Math.Max(microbatches, 2 * ranks - 1);

            // Warm-up: fill the way down, then both, until the upward chunk can turn to one forward, one backward.
            list.F(down, 2 * (ranks - rank) - 1);
            for (var i = 0; i < rank; i++)
                list.F(up).F(down);
            for (var i = rank; i < ranks; i++)
                list.F(up).I(up).W(up);

            // Steady: six actions a round. Near the end the way down has no forwards left.
            while (list.Done(up, ActionKind.Forward) < total)
                list.F(down, list.Done(down, ActionKind.Forward) < total ? 1 : 0).I(down).W(down).F(up).I(up).W(up);

            // Cool-down: gradients that other ranks wait for, then weights.
            for (var i = 0; i < rank; i++)
                list.I(down).I(up);
            for (var i = rank; i < ranks; i++)
                list.I(down).W(down);
            list.W(up, total - list.Done(up, ActionKind.BackwardWeights));
            list.W(down, total - list.Done(down, ActionKind.BackwardWeights));
        });
}
