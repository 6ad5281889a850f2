namespace AutogradCore.Pipeline;

public static partial class Schedules
{
    /// <summary>All forwards, then all backwards. Bubble (N-1)/(M+N-1) for N stages and M microbatches.</summary>
    /// <remarks>GPipe (arXiv 1811.06965). Every rank holds the forward state of all M microbatches.</remarks>
    /// <param name="stages">Stages, one per rank; at least 1.</param>
    /// <param name="microbatches">Microbatches per step; at least 1.</param>
    /// <exception cref="ScheduleException">A count is below 1.</exception>
    public static Schedule GPipe(int stages, int microbatches) =>
        PerRank("gpipe", stages, microbatches, (rank, list) => list.F(rank, microbatches).B(rank, microbatches));
}
