using System.Diagnostics;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>The demo's experiment: the same training without and with the split backward pass, step by step in turns, so that
/// both meet the same disturbances of the machine.</summary>
internal sealed class DemoComparison : IDisposable
{
    private const int FewestSteps = 40, MostSteps = 2000, ReportEvery = 10, TrialSteps = 10;
    private const double Overrun = 1.5, Patience = 10;
    private readonly List<double> _ratios = [];

    private DemoComparison(DemoRun unsplit, DemoRun split, int planned) =>
        (Unsplit, Split, PlannedSteps) = (unsplit, split, planned);

    /// <summary>Every B whole.</summary>
    public DemoRun Unsplit { get; }

    /// <summary>Weight gradients in the waits.</summary>
    public DemoRun Split { get; }

    /// <summary>The steps of each run by the trial's times; a machine that became slower takes fewer.</summary>
    public int PlannedSteps { get; }

    /// <summary>The share of the time in which the stages had work that they also had a core: CPU time over wall time, at most
    /// 1. The rest of the time other programs had the cores, or a limit on CPU time held the process.</summary>
    public double CoreShare => Math.Min(1,
        (Unsplit.CpuSeconds + Split.CpuSeconds) / (Unsplit.WorkSeconds + Split.WorkSeconds));

    /// <summary>What to know before believing the times.</summary>
    public IReadOnlyList<string> Notes => DemoNotes.Of(CoreShare, Environment.ProcessorCount,
        [UndisturbedSpeedup, MedianSpeedup], SimulatedSpeedup, Split.Steps, PlannedSteps);

    /// <summary>Step time without the split over step time with it: of the steps that other programs disturbed least.</summary>
    public double UndisturbedSpeedup => Unsplit.Measurements.UndisturbedStepSeconds / Split.Measurements.UndisturbedStepSeconds;

    /// <summary>The same ratio as the simulator finds it, with the times that F, I, W and the update took.</summary>
    public double SimulatedSpeedup => Simulate(Split.Costs, Split.Measurements.UpdateSeconds);

    /// <summary>Step time without the split over step time with it: of medians.</summary>
    public double MedianSpeedup => Unsplit.Measurements.StepSeconds / Split.Measurements.StepSeconds;

    /// <summary>The ratios of all pairs of neighbouring steps, ascending.</summary>
    public IReadOnlyList<double> Ratios => [.. _ratios.Order()];

    /// <summary>Whether both runs went through the same losses and ended with the same parameters, bit for bit.</summary>
    public bool IdenticalBits => Unsplit.Hash == Split.Hash
        && Unsplit.History.Rows.Select(r => (r.Step, Bits(r.Loss), Bits(r.HeldOut))).SequenceEqual(
            Split.History.Rows.Select(r => (r.Step, Bits(r.Loss), Bits(r.HeldOut))));

    /// <summary>Runs it for about a number of seconds, and no longer than one and a half times that and ten seconds.</summary>
    /// <param name="options">Of both runs, but for the split and the number of steps.</param>
    /// <param name="data">What both train on.</param>
    /// <param name="seconds">The budget; steps are chosen by a short trial.</param>
    /// <param name="terminal">Where progress goes.</param>
    /// <param name="cancellation">Gives up.</param>
    public static DemoComparison Run(
        TrainOptions options, TrainingData data, double seconds, Terminal terminal, CancellationToken cancellation)
    {
        Stopwatch clock = Stopwatch.StartNew();
        double pair = Trial(options, data, seconds, cancellation);
        int count = (int)Math.Clamp((seconds - clock.Elapsed.TotalSeconds) / pair, FewestSteps, MostSteps)
            / ReportEvery * ReportEvery;
        TrainOptions steps = options with { Steps = count };
        DemoComparison comparison = new(
            new DemoRun(steps with { TwoStage = "off" }, data), new DemoRun(steps with { TwoStage = "fill" }, data), count);
        try
        {
            StepProgress.Show(terminal, "demo", count, 0, progress =>
            {
                for (int step = 0; step < count && !IsOver(step, clock.Elapsed.TotalSeconds, seconds); step++)
                    comparison.Pair(step, progress, cancellation);
                if (comparison.Split.Steps % ReportEvery != 0) comparison.Judge();
            });
            return comparison;
        }
        catch
        {
            comparison.Dispose();
            throw;
        }
    }

    /// <summary>The simulator's ratio of step times for some costs and a time of the update.</summary>
    public double Simulate(StageCosts costs, double update) =>
        (Simulator.Run(Unsplit.Schedule, costs).Makespan + update) / (Simulator.Run(Split.Schedule, costs).Makespan + update);

    /// <summary>Frees both runs.</summary>
    public void Dispose()
    {
        Unsplit.Dispose();
        Split.Dispose();
    }

    /// <summary>Whether the time is over: first after a round number of steps and not too few, then at once.</summary>
    internal static bool IsOver(int steps, double elapsed, double seconds) =>
        (steps >= FewestSteps && steps % ReportEvery == 0 && elapsed >= Overrun * seconds)
        || (steps > 0 && elapsed >= Overrun * seconds + Patience);

    private void Judge()
    {
        Unsplit.Judge();
        Split.Judge();
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

    /// <summary>The time of one step of both, once their code is compiled: from a tenth of the budget and ten steps, or from
    /// fewer in a quarter of it.</summary>
    private static double Trial(TrainOptions options, TrainingData data, double budget, CancellationToken cancellation)
    {
        Stopwatch clock = Stopwatch.StartNew();
        using DemoRun unsplit = new(options with { TwoStage = "off" }, data),
            split = new(options with { TwoStage = "fill" }, data);
        List<double> pairs = [];
        do
        {
            cancellation.ThrowIfCancellationRequested();
            pairs.Add(unsplit.Step(false) + split.Step(false));
        }
        while (clock.Elapsed.TotalSeconds < budget / (pairs.Count < TrialSteps ? 4 : 10));
        return Measurements.Median(pairs.Skip(pairs.Count / 2));
    }

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
}
