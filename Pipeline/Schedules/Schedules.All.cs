using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

public static partial class Schedules
{
    private const string Bw = "PipeDream-2BW, arXiv 2006.09503";
    private const string ZeroBubblePaper = "Zero Bubble, arXiv 2401.10241";
    private const string MemoryPaper = "Controllable memory, arXiv 2405.15362";

    /// <summary>Every built-in schedule, from the simplest on: a table to add a row to.</summary>
    public static ImmutableArray<ScheduleInfo> All { get; } =
    [
        new("naive", "one microbatch after another; one rank works at a time", "model parallelism, as in arXiv 2405.18047",
            (n, m, _, _) => Naive(n, m)),
        new("gpipe", "all forwards, then all backwards", "GPipe, arXiv 1811.06965",
            (n, m, _, _) => GPipe(n, m)),
        new("1f1b", "one forward, one backward: no slower than GPipe, at most N microbatches held", Bw,
            (n, m, _, _) => OneForwardOneBackward(n, m)),
        new("pipedream-flush", "1f1b under the name of its paper", Bw,
            (n, m, _, _) => OneForwardOneBackward(n, m).Named("pipedream-flush")),
        new("interleaved-1f1b", "1F1B over several stages per rank in a loop: a smaller bubble, more transfers",
            "Megatron-LM, arXiv 2104.04473",
            (n, m, v, _) => Interleaved(n, m, v)) { DefaultChunks = 2, ChoosesChunks = true },
        new("looped-bfs", "GPipe over several stages per rank in a loop", "Breadth-first, arXiv 2211.05953",
            (n, m, v, _) => LoopedBfs(n, m, v)) { DefaultChunks = 2, ChoosesChunks = true },
        new("zb-h1", "1F1B with weight gradients in the bubble, in its memory", ZeroBubblePaper,
            (n, m, _, _) => ZBH1(n, m)),
        new("zb-h2", "no bubble at equal costs, for twice the memory of 1F1B", ZeroBubblePaper,
            (n, m, _, _) => ZBH2(n, m)),
        new("zb-v", "two stages per rank in a V: no bubble at equal costs, in the memory of 1F1B", MemoryPaper,
            (n, m, _, _) => ZBV(n, m)) { DefaultChunks = 2 },
        new("v-half", "two stages per rank in a V: half the bubble of 1F1B in half its memory", MemoryPaper,
            (n, m, _, _) => VHalf(n, m)) { DefaultChunks = 2 },
        new("v-min", "two stages per rank in a V: two thirds of the bubble of 1F1B in a third of its memory", MemoryPaper,
            (n, m, _, _) => VMin(n, m)) { DefaultChunks = 2 },
        new("dualpipe-v", "two stages per rank in a V: F of one overlaps B of the other", "github.com/deepseek-ai/DualPipe",
            (n, m, _, _) => DualPipeV(n, m)) { DefaultChunks = 2, MicrobatchesPerRank = 2 },
        new("pipedream", "no flush, an update per microbatch; a stage keeps the versions in use", "PipeDream, arXiv 1806.03377",
            (n, _, _, t) => PipeDream(n, t)) { Flushes = false, SingleMicrobatch = true },
        new("pipedream-2bw", "no flush, an update per batch, two versions: gradients one batch late", Bw,
            (n, m, _, t) => PipeDream2BW(n, m, t)) { Flushes = false, MicrobatchesPerRank = 1 },
    ];
}
