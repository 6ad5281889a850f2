using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

public static partial class Schedules
{
    /// <summary>V-Half: two stages per rank in a V, half the memory of 1F1B for half its bubble. At equal costs and M >= N the
    /// bubble is 3N - 7 half-sized actions for even N, 3N - 4 for odd N, and at least N - 1; 1F1B has 6(N-1).</summary>
    /// <remarks>
    /// Controllable memory (arXiv 2405.15362): one pattern of F and I repeats every six units, and W go into the free ones. No
    /// rank holds more than floor((N+2)/2) microbatches of both its stages from F to the end of W, counted as pairs of
    /// half-sized stages.
    /// </remarks>
    /// <param name="ranks">N: two stages each; at least 1.</param>
    /// <param name="microbatches">M: at least 1.</param>
    /// <exception cref="ScheduleException">A count is below 1.</exception>
    public static Schedule VHalf(int ranks, int microbatches)
    {
        var apart = ranks % 2 == 0 ? 3 : 0; // keeps the four on different units of the six
        return RepeatedBlock("v-half", ranks, microbatches, held: (ranks + 2) / 2, rank =>
            new(2 * rank, 3 * ranks - rank - 2, 3 * ranks + apart + 2 * rank - 1, 6 * ranks + apart - rank - 2));
    }

    /// <summary>V-Min: two stages per rank in a V, a third of the memory of 1F1B for two thirds of its bubble. At equal costs and
    /// M >= N the bubble is 4(N-1) - 1 half-sized actions, two less where 3 divides N; 1F1B has 6(N-1).</summary>
    /// <remarks>
    /// Controllable memory (arXiv 2405.15362). No rank holds more than floor((N+4)/3) microbatches of both its stages, counted
    /// like V-Half's. Sensitive to costs that are not equal.
    /// </remarks>
    /// <inheritdoc cref="VHalf"/>
    public static Schedule VMin(int ranks, int microbatches)
    {
        var apart = ranks % 3 == 0 ? 2 : 0;
        return RepeatedBlock("v-min", ranks, microbatches, held: (ranks + 4) / 3, rank =>
            new(rank, 2 * ranks - rank - 1, 2 * ranks + apart + rank, 4 * ranks + apart - rank - 1));
    }

    /// <summary>The units at which a rank runs the first microbatch's F down and up the V, and I back; the next follows six
    /// later.</summary>
    private readonly record struct Block(int DownF, int UpF, int UpI, int DownI);

    private static Schedule RepeatedBlock(string name, int ranks, int microbatches, int held, Func<int, Block> blockOf)
    {
        Info(name).Require(ranks, microbatches, chunks: 2, batches: 1);
        return new(name, WeightsInGaps.Place(Enumerable.Range(0, ranks).Select(Spine), 2 * ranks, microbatches, 2 * held));

        ImmutableArray<Action> Spine(int rank)
        {
            var (down, up, block) = (Placement.V(rank, 0, ranks), Placement.V(rank, 1, ranks), blockOf(rank));
            return
            [
                .. from m in Enumerable.Range(0, microbatches)
                   from unit in new (int Time, Action Action)[]
                   {
                       (block.DownF, new(down, ActionKind.Forward, m)), (block.UpF, new(up, ActionKind.Forward, m)),
                       (block.UpI, new(up, ActionKind.BackwardInputs, m)), (block.DownI, new(down, ActionKind.BackwardInputs, m)),
                   }
                   orderby unit.Time + 6L * m
                   select unit.Action,
            ];
        }
    }
}
