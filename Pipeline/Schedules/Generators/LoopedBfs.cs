namespace AutogradCore.Pipeline;

public static partial class Schedules
{
    /// <summary>Breadth first over v stages per rank in a loop: all forwards of a stage, then of the rank's next; backwards
    /// alike, last stage first. Bubble (N-1)(F+I+W) in costs of one stage, for M >= N.</summary>
    /// <remarks>
    /// Breadth-first pipeline parallelism (arXiv 2211.05953). Every rank holds vM forwards, but touches the parameters of a
    /// stage in one go each way, which suits sharded ones. Backwards run in ascending order; PyTorch's version runs them
    /// descending, as fast.
    /// </remarks>
    /// <param name="ranks">N: at least 1.</param>
    /// <param name="microbatches">M: at least 1.</param>
    /// <param name="chunks">v: stages per rank; at least 1.</param>
    /// <exception cref="ScheduleException">A count is below 1.</exception>
    public static Schedule LoopedBfs(int ranks, int microbatches, int chunks = 2) =>
        PerRank("looped-bfs", ranks, microbatches, chunks: chunks, write: (rank, list) =>
        {
            for (var chunk = 0; chunk < chunks; chunk++)
                list.F(Placement.Loop(rank, chunk, ranks), microbatches);
            for (var chunk = chunks - 1; chunk >= 0; chunk--)
                list.B(Placement.Loop(rank, chunk, ranks), microbatches);
        });
}
