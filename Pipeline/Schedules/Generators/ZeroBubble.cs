namespace AutogradCore.Pipeline;

public static partial class Schedules
{
    /// <summary>ZB-H1: 1F1B whose rank r leaves r weight gradients for the time when it would wait. Bubble (N-1)(F+I-W), a third
    /// of 1F1B's at equal costs, for M >= N.</summary>
    /// <remarks>
    /// Zero Bubble (arXiv 2401.10241), handcrafted schedule 1. Whatever the costs the bubble is (N-1) max(F+I-W, F, I): W that
    /// are longer than F or I gain no more. No rank holds more than 1F1B's rank 0: at most N microbatches from F to the end of
    /// W. Forward state alone is held for N-r, as in 1F1B.
    /// </remarks>
    /// <param name="ranks">N: one stage each; at least 1.</param>
    /// <param name="microbatches">M: at least 1.</param>
    /// <exception cref="ScheduleException">A count is below 1.</exception>
    public static Schedule ZBH1(int ranks, int microbatches) =>
        PerRank("zb-h1", ranks, microbatches,
            (rank, list) => ZeroBubble(list, rank, microbatches, warmUp: ranks - rank, deferred: rank));

    /// <summary>ZB-H2: ZB-H1 with twice the warm-up. Bubble (N-1)(F+I-2W), none at equal costs, for M >= 2N-1: idle time between
    /// a rank's first action and its last, as each rank starts an F after the one before.</summary>
    /// <remarks>
    /// Zero Bubble (arXiv 2401.10241), handcrafted schedule 2. Whatever the costs the bubble is (N-1) max(F+I-2W, I-F, 0). The
    /// makespan has the later starts too; the next step fills them when its optimizer runs rank by rank. Holds up to 2N-1
    /// microbatches from F to the end of W, on every rank.
    /// </remarks>
    /// <inheritdoc cref="ZBH1"/>
    public static Schedule ZBH2(int ranks, int microbatches) =>
        PerRank("zb-h2", ranks, microbatches,
            (rank, list) => ZeroBubble(list, rank, microbatches, warmUp: 2 * (ranks - rank) - 1, deferred: 2 * rank));

    private static void ZeroBubble(RankList list, int stage, int microbatches, int warmUp, int deferred)
    {
        list.F(stage, warmUp);
        for (var m = 0; m < microbatches; m++)
            list.I(stage).W(stage, m < deferred ? 0 : 1).F(stage);
        list.W(stage, Math.Min(deferred, microbatches));
    }
}
