namespace AutogradCore.Pipeline;

public static partial class Schedules
{
    /// <summary>1F1B with a flush: rank r warms up with N - r forwards, alternates B and F, then cools down.</summary>
    /// <remarks>
    /// PipeDream-Flush (arXiv 2006.09503), with the warm-up of 2BP (arXiv 2405.18047). As fast as GPipe, but rank r holds the
    /// forward state of at most N - r microbatches. Any M is legal; M below N only shortens the warm-up.
    /// </remarks>
    /// <param name="stages">N: stages, one per rank; at least 1.</param>
    /// <param name="microbatches">M: microbatches per step; at least 1.</param>
    /// <exception cref="ScheduleException">A count is below 1.</exception>
    public static Schedule OneForwardOneBackward(int stages, int microbatches) =>
        PerRank("1f1b", stages, microbatches, (rank, list) =>
        {
            list.F(rank, stages - rank);
            for (var m = 0; m < microbatches; m++)
                list.B(rank).F(rank);
        });
}
