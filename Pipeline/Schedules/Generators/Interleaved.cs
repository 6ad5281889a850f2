namespace AutogradCore.Pipeline;

public static partial class Schedules
{
    /// <summary>Interleaved 1F1B: v stages per rank in a loop. Bubble (N-1)(F+I+W) in costs of one stage, 1/v of that of 1F1B
    /// over a model cut into N, for M >= N.</summary>
    /// <remarks>
    /// Megatron-LM (arXiv 2104.04473), depth first: groups of N microbatches go through all chunks one after another; rank r
    /// warms up with 2(N-r-1) + (v-1)N forwards and so holds one more at most. Where N does not divide M, the groups are as
    /// equal as possible and none is smaller than N; the bubble stays the same. For M below N all are one group.
    /// </remarks>
    /// <param name="ranks">N: at least 1.</param>
    /// <param name="microbatches">M: at least 1.</param>
    /// <param name="chunks">v: stages per rank; at least 1.</param>
    /// <exception cref="ScheduleException">A count is below 1.</exception>
    public static Schedule Interleaved(int ranks, int microbatches, int chunks = 2) =>
        PerRank("interleaved-1f1b", ranks, microbatches, chunks: chunks, write: (rank, list) =>
        {
            var groups = Math.Max(1, microbatches / ranks);
            var larger = microbatches % groups; // groups with one microbatch more
            var turns = new List<int>(microbatches * chunks); // the chunk of each turn
            for (var group = 0; group < groups; group++)
                for (var chunk = 0; chunk < chunks; chunk++)
                    turns.AddRange(Enumerable.Repeat(chunk, microbatches / groups + (group < larger ? 1 : 0)));

            var largest = (microbatches + groups - 1) / groups;
            var warmUp = Math.Min(turns.Count, 2 * (ranks - rank - 1) + (chunks - 1) * largest);
            for (var turn = 0; turn < turns.Count + warmUp; turn++)
            {
                if (turn < turns.Count)
                    list.F(Placement.Loop(rank, turns[turn], ranks));
                if (turn >= warmUp)
                    list.B(Placement.Loop(rank, chunks - 1 - turns[turn - warmUp], ranks));
            }
        });
}
