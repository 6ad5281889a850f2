using AutogradCore.Pipeline;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Examples;

/// <summary>A schedule of one's own in ten lines: checked, foretold, and then trained with.</summary>
public static class OwnSchedule
{
    /// <summary>Writes what the simulator says, then the loss of the first and the last step.</summary>
    public static void Run(TextWriter output)
    {
        // docs:
        // GPipe in waves of N: never more than N microbatches in memory, for a bubble after each wave.
        static Schedule Waves(int ranks, int microbatches) => new("waves",
            from rank in Enumerable.Range(0, ranks)
            select Enumerable.Range(0, microbatches).Chunk(ranks).SelectMany(wave => wave
                .Select(m => new Action(rank, ActionKind.Forward, m))
                .Concat(wave.Select(m => new Action(rank, ActionKind.Backward, m)))));

        Schedule mine = SplitBackward.Apply(Waves(ranks: 2, microbatches: 4), TwoStage.Fill);
        ScheduleValidator.Check(mine);
        Timeline timeline = Simulator.Run(mine, StageCosts.Uniform(mine.Stages));
        output.WriteLine($"{mine}: makespan {timeline.Makespan}, bubble {timeline.BubbleRatio:P1}");
        PipelineTraining.Train(mine, output);                                       // 60 steps of a small GPT
        // :docs
    }
}
