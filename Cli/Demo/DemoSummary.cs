using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>What the demo's <c>summary.json</c> says.</summary>
internal sealed record DemoSummary
{
    public required bool IdenticalBits { get; init; }
    public required string ParameterHash { get; init; }
    public required string ParameterHashUnsplit { get; init; }
    public required int Steps { get; init; }

    /// <summary>What to know before believing the times: other programs on the cores, ratios far apart, a run cut
    /// short.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>As <see cref="DemoComparison.CoreShare"/>: 1 on a quiet machine.</summary>
    public required double CoreShare { get; init; }
    public required double LossFirst { get; init; }
    public required double LossLast { get; init; }
    public required double HeldOutLossFirst { get; init; }
    public required double HeldOutLossLast { get; init; }

    /// <summary>Step time without the split over step time with it, measured: each of the tenth of the steps that other programs
    /// disturbed least. Programs that use the idle time of a bubble hide what the bubble costs.</summary>
    public required double TwoStageSpeedup { get; init; }

    /// <summary>The same ratio of the medians over all steps, whatever else the machine did.</summary>
    public required double TwoStageSpeedupMedian { get; init; }

    /// <summary>The quartiles of the ratio over pairs of neighbouring steps.</summary>
    public required IReadOnlyList<double> TwoStageSpeedupQuartiles { get; init; }

    /// <summary>The ratio of makespans when F, I and W take equal time.</summary>
    public required double TwoStageSpeedupTheory { get; init; }

    /// <summary>The ratio of step times that the simulator finds with the times that F, I, W and the update took.</summary>
    public required double TwoStageSpeedupSimulated { get; init; }
    public required double StepSecondsUnsplit { get; init; }
    public required double StepSeconds { get; init; }
    public required double TokensPerSecond { get; init; }
    public required double BubbleRatioUnsplit { get; init; }
    public required double BubbleRatio { get; init; }
    public required IReadOnlyList<long> PeakBytesUnsplit { get; init; }
    public required IReadOnlyList<long> PeakBytes { get; init; }
    public required int Cores { get; init; }
    public required IReadOnlyDictionary<string, string> Configuration { get; init; }
    public required string Sample { get; init; }
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    /// <summary>Sums up a comparison.</summary>
    public static DemoSummary Of(DemoComparison c, TrainingData data, string sample, IReadOnlyDictionary<string, string> files)
    {
        TrainOptions options = c.Split.Options;
        ((double first, double last), (double heldFirst, double heldLast)) =
            (c.Split.History.Ends(r => r.Loss), c.Split.History.Ends(r => r.HeldOut));
        return new DemoSummary
        {
            IdenticalBits = c.IdenticalBits,
            ParameterHash = c.Split.Hash,
            ParameterHashUnsplit = c.Unsplit.Hash,
            Steps = c.Split.Steps,
            Notes = c.Notes,
            CoreShare = c.CoreShare,
            LossFirst = first,
            LossLast = last,
            HeldOutLossFirst = heldFirst,
            HeldOutLossLast = heldLast,
            TwoStageSpeedup = c.UndisturbedSpeedup,
            TwoStageSpeedupMedian = c.MedianSpeedup,
            TwoStageSpeedupQuartiles = [c.Ratios[c.Ratios.Count / 4], c.Ratios[c.Ratios.Count * 3 / 4]],
            TwoStageSpeedupTheory = c.Simulate(StageCosts.Uniform(options.Stages), 0),
            TwoStageSpeedupSimulated = c.SimulatedSpeedup,
            StepSecondsUnsplit = c.Unsplit.Measurements.StepSeconds,
            StepSeconds = c.Split.Measurements.StepSeconds,
            TokensPerSecond = options.Batch * options.Seq / c.Split.Measurements.StepSeconds,
            BubbleRatioUnsplit = c.Unsplit.Measurements.BubbleRatio,
            BubbleRatio = c.Split.Measurements.BubbleRatio,
            PeakBytesUnsplit = c.Unsplit.PeakBytes,
            PeakBytes = c.Split.PeakBytes,
            Cores = Environment.ProcessorCount,
            Configuration = options.Configuration(data.Digest),
            Sample = sample,
            Files = files,
        };
    }
}
