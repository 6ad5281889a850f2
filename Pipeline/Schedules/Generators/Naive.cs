namespace AutogradCore.Pipeline;

public static partial class Schedules
{
    /// <summary>One microbatch after another: forward through all stages, backward through all stages, then the next.</summary>
    /// <remarks>Plain model parallelism, the baseline of 2BP (arXiv 2405.18047); only one rank works at any time.</remarks>
    /// <param name="stages">Stages, one per rank; at least 1.</param>
    /// <param name="microbatches">Microbatches per step; at least 1.</param>
    /// <exception cref="ScheduleException">A count is below 1.</exception>
    public static Schedule Naive(int stages, int microbatches) =>
        PerRank("naive", stages, microbatches, (rank, list) =>
        {
            for (var m = 0; m < microbatches; m++)
                list.F(rank).B(rank);
        });
}
