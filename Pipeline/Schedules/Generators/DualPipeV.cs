namespace AutogradCore.Pipeline;

public static partial class Schedules
{
    /// <summary>DualPipeV: two stages per rank in a V; in the steady part each F of one stage is paired with a B of the other,
    /// so that transfers of one hide behind work of the other. For M >= 2N.</summary>
    /// <remarks>
    /// DeepSeek's DualPipe cut in half (github.com/deepseek-ai/DualPipe, after arXiv 2412.19437). The pairs are in <see
    /// cref="Schedule.Overlapped"/>. Played one after the other at equal costs they leave a bubble of N-1 half-sized F, within
    /// the published (N-1)(FB + B - 3W). Holds up to 2N+1 half-sized stages on every rank.
    /// </remarks>
    /// <param name="ranks">N: two stages each; at least 1.</param>
    /// <param name="microbatches">M: at least 2N.</param>
    /// <exception cref="ScheduleException">A count is below what is needed.</exception>
    public static Schedule DualPipeV(int ranks, int microbatches) =>
        PerRank("dualpipe-v", ranks, microbatches, (rank, list) =>
        {
            var (down, up) = (Placement.V(rank, 0, ranks), Placement.V(rank, 1, ranks));
            var below = ranks - rank - 1;
            list.F(down, 2 * below);                                              // 1: fill the way down
            for (var i = 0; i <= rank; i++)                                       // 2: both ways
                list.F(down).F(up);
            for (var i = 0; i < below; i++)                                       // 3: the way up turns around
                list.I(up).W(up).F(up);
            for (var i = 0; i < microbatches - 2 * ranks + rank + 1; i++)         // 4: steady
            {
                if (i == 0 && below == 0)
                    list.F(down).B(up);                                           // unpaired: a shorter bubble
                else
                    list.OverlapFB(down, up);
                list.OverlapFB(up, down);
            }
            for (var i = 0; i < below; i++)                                       // 5: no forwards left on the way down
                list.B(up).OverlapFB(up, down);

            // 6: backwards only, 7 and 8: the second half of them splits, and the weights wait.
            var owed = new Queue<int>();
            for (var i = 0; i < 2 * (rank + 1); i++)
                Backward(i % 2 == 0 ? up : down, split: i > rank);
            for (var i = 0; i < below; i++)
            {
                list.W(owed.Dequeue());
                Backward(down, split: true);
            }
            while (owed.TryDequeue(out var stage))
                list.W(stage);

            void Backward(int stage, bool split)
            {
                if (!split)
                {
                    list.B(stage);
                    return;
                }
                list.I(stage);
                owed.Enqueue(stage);
            }
        });
}
