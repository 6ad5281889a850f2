namespace AutogradCore.Pipeline;

public static partial class Schedules
{
    /// <summary>PipeDream: 1F1B without a flush; a stage is updated after every backward. No bubble but fill and drain.</summary>
    /// <remarks>
    /// PipeDream (arXiv 1806.03377) with weight stashing: F uses the newest parameters of its stage, the backward those that
    /// its F used. Rank r keeps up to N-r versions and as many microbatches. A batch is one microbatch.
    /// </remarks>
    /// <param name="ranks">N: one stage each; at least 1.</param>
    /// <param name="batches">Microbatches from fill to drain, each with its update; at least 1.</param>
    /// <exception cref="ScheduleException">A count is below 1.</exception>
    public static Schedule PipeDream(int ranks, int batches) => WithoutFlush("pipedream", ranks, 1, batches);

    /// <summary>PipeDream-2BW: 1F1B without a flush; a stage is updated after every batch of M. No bubble but fill and
    /// drain.</summary>
    /// <remarks>
    /// PipeDream-2BW (arXiv 2006.09503): batch t runs on the parameters before batch t-1's update, forwards and backwards, so two
    /// versions are enough where M >= N. Rank r holds up to N-r microbatches.
    /// </remarks>
    /// <param name="ranks">N: one stage each; at least 1.</param>
    /// <param name="microbatches">M: microbatches per batch; at least N.</param>
    /// <param name="batches">Batches from fill to drain; at least 1.</param>
    /// <exception cref="ScheduleException">A count is below what is needed.</exception>
    public static Schedule PipeDream2BW(int ranks, int microbatches, int batches) =>
        WithoutFlush("pipedream-2bw", ranks, microbatches, batches);

    private static Schedule WithoutFlush(string name, int ranks, int microbatches, int batches) =>
        PerRank(name, ranks, microbatches, batches: batches, write: (rank, list) =>
        {
            list.F(rank, ranks - rank);
            for (var batch = 0; batch < batches; batch++)
                for (var m = 1; m <= microbatches; m++)
                {
                    list.B(rank);
                    if (m == microbatches)
                        list.U(rank, batch);
                    list.F(rank);
                }
        });
}
