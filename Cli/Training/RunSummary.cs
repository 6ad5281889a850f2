using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>What <c>summary.json</c> says about a run.</summary>
internal sealed record RunSummary
{
    public required int Steps { get; init; }
    public required bool Interrupted { get; init; }
    public required string ParameterHash { get; init; }
    public required double LossFirst { get; init; }
    public required double LossLast { get; init; }
    public required double HeldOutLossFirst { get; init; }
    public required double HeldOutLossLast { get; init; }
    public required double TokensPerSecond { get; init; }
    public required double StepSeconds { get; init; }
    public required double BubbleRatio { get; init; }

    /// <summary>Of the schedule when F, I and W take equal time.</summary>
    public required double BubbleRatioTheory { get; init; }

    /// <summary>Of the schedule with the times that F, I and W took.</summary>
    public required double BubbleRatioSimulated { get; init; }
    public required IReadOnlyList<long> PeakBytes { get; init; }
    public required IReadOnlyList<int> StageStarts { get; init; }
    public required long Parameters { get; init; }
    public required string Schedule { get; init; }
    public required string TwoStage { get; init; }
    public required int Stages { get; init; }
    public required int Threads { get; init; }
    public required IReadOnlyDictionary<string, string> Configuration { get; init; }

    /// <summary>Sums up a run. Without a step in this process, the time of a step is the table's, the measured bubble is NaN
    /// and the peaks are 0.</summary>
    public static RunSummary Of(
        TrainingRun run, TrainOptions options, TrainingData data, LossHistory history, Measurements measurements)
    {
        ((double first, double last), (double heldFirst, double heldLast)) =
            (history.Ends(r => r.Loss), history.Ends(r => r.HeldOut));
        Schedule schedule = run.ScheduleOver(measurements.IsEmpty ? 1 : measurements.Typical.Steps);
        double seconds = measurements.IsEmpty ? history.StepSeconds : measurements.StepSeconds;
        return new RunSummary
        {
            Steps = run.StepCount,
            Interrupted = run.StepCount < options.Steps,
            ParameterHash = run.Hash,
            LossFirst = first,
            LossLast = last,
            HeldOutLossFirst = heldFirst,
            HeldOutLossLast = heldLast,
            TokensPerSecond = options.Batch * options.Seq / seconds,
            StepSeconds = seconds,
            BubbleRatio = measurements.BubbleRatio,
            BubbleRatioTheory = Simulator.Run(schedule, StageCosts.Uniform(schedule.Stages)).BubbleRatio,
            BubbleRatioSimulated = Simulator.Run(schedule, measurements.Costs(schedule.Stages)).BubbleRatio,
            PeakBytes = run.PeakBytes,
            StageStarts = run.StageStarts,
            Parameters = run.ParameterCount,
            Schedule = options.Schedule,
            TwoStage = options.TwoStage,
            Stages = options.Stages,
            Threads = options.Threads,
            Configuration = options.Configuration(data.Digest),
        };
    }
}
