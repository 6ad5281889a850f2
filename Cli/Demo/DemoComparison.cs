using System.Diagnostics;

namespace AutogradCore.Cli;

/// <summary>The demo's experiment: the same training without and with the split backward pass, step by step in turns, so that
/// both meet the same disturbances of the machine.</summary>
internal sealed class DemoComparison : IDisposable
{
    private const int FewestSteps = 40, MostSteps = 2000, ReportEvery = 10, TrialSteps = 10;
    private readonly List<double> _ratios = [];

    private DemoComparison(DemoRun unsplit, DemoRun split) => (Unsplit, Split) = (unsplit, split);

    /// <summary>Every B whole.</summary>
    public DemoRun Unsplit { get; }

    /// <summary>Weight gradients in the waits.</summary>
    public DemoRun Split { get; }

    /// <summary>Step time without the split over step time with it: of medians.</summary>
    public double MedianSpeedup => Unsplit.Measurements.StepSeconds / Split.Measurements.StepSeconds;

    /// <summary>The ratios of all pairs of neighbouring steps, ascending.</summary>
    public IReadOnlyList<double> Ratios => [.. _ratios.Order()];

    /// <summary>Whether both runs went through the same losses and ended with the same parameters, bit for bit.</summary>
    public bool IdenticalBits => Unsplit.Hash == Split.Hash
        && Unsplit.History.Rows.Select(r => (r.Step, Bits(r.Loss), Bits(r.HeldOut))).SequenceEqual(
            Split.History.Rows.Select(r => (r.Step, Bits(r.Loss), Bits(r.HeldOut))));

    /// <summary>Runs it for about a number of seconds.</summary>
    /// <param name="options">Of both runs, but for the split and the number of steps.</param>
    /// <param name="data">What both train on.</param>
    /// <param name="seconds">The budget; steps are chosen by a short trial.</param>
    /// <param name="terminal">Where progress goes.</param>
    /// <param name="cancellation">Gives up.</param>
    public static DemoComparison Run(
        TrainOptions options, TrainingData data, double seconds, Terminal terminal, CancellationToken cancellation)
    {
        Stopwatch clock = Stopwatch.StartNew();
        double pair = Trial(options, data, seconds / 10, cancellation);
        int count = (int)Math.Clamp((seconds - clock.Elapsed.TotalSeconds) / pair, FewestSteps, MostSteps)
            / ReportEvery * ReportEvery;
        TrainOptions steps = options with { Steps = count };
        DemoComparison comparison = new(
            new DemoRun(steps with { TwoStage = "off" }, data), new DemoRun(steps with { TwoStage = "fill" }, data));
        try
        {
            StepProgress.Show(terminal, "demo", count, 0, progress =>
            {
                // A machine that became slower than in the trial gets fewer steps, the same for both runs.
                for (int step = 0; step < count
                    && (step % ReportEvery != 0 || step < FewestSteps || clock.Elapsed.TotalSeconds < 1.5 * seconds); step++)
                    comparison.Pair(step, progress, cancellation);
            });
            return comparison;
        }
        catch
        {
            comparison.Dispose();
            throw;
        }
    }

    /// <summary>Frees both runs.</summary>
    public void Dispose()
    {
        Unsplit.Dispose();
        Split.Dispose();
    }

    /// <summary>One step of each; who is first alternates.</summary>
    private void Pair(int step, StepProgress progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        bool heldOut = (step + 1) % ReportEvery == 0;
        double split = step % 2 == 1 ? Split.Step(heldOut) : double.NaN, whole = Unsplit.Step(heldOut);
        if (step % 2 == 0) split = Split.Step(heldOut);
        _ratios.Add(whole / split);
        if (heldOut)
            progress.Report(Split.Steps, $"held-out loss {Split.History.Ends(r => r.HeldOut).Last:0.000}, "
                + $"{Unsplit.Measurements.StepSeconds * 1000:0} ms/step without 2BP, "
                + $"{Split.Measurements.StepSeconds * 1000:0} with");
    }

    /// <summary>The time of one step of both, once their code is compiled.</summary>
    private static double Trial(TrainOptions options, TrainingData data, double seconds, CancellationToken cancellation)
    {
        Stopwatch clock = Stopwatch.StartNew();
        using DemoRun unsplit = new(options with { TwoStage = "off" }, data),
            split = new(options with { TwoStage = "fill" }, data);
        List<double> pairs = [];
        while (pairs.Count < TrialSteps || clock.Elapsed.TotalSeconds < seconds)
        {
            cancellation.ThrowIfCancellationRequested();
            pairs.Add(unsplit.Step(false) + split.Step(false));
        }
        return Measurements.Median(pairs.Skip(pairs.Count / 2));
    }

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
}
