using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>One of the two runs that the demo compares: its course and its measurements.</summary>
internal sealed class DemoRun : IDisposable
{
    private readonly TrainingRun _run;

    public DemoRun(TrainOptions options, TrainingData data)
    {
        (Options, _run) = (options, new TrainingRun(options, data));
        History.Add(new LossRow(0, double.NaN, _run.HeldOut(), double.NaN, double.NaN, double.NaN));
    }

    public TrainOptions Options { get; }

    public LossHistory History { get; } = new();

    public Measurements Measurements { get; } = new();

    public int Steps => _run.StepCount;

    public string Hash => _run.Hash;

    public long[] PeakBytes => _run.PeakBytes;

    public Schedule Schedule => _run.Schedule;

    /// <summary>The CPU time that the process used during the steps, in seconds.</summary>
    public double CpuSeconds { get; private set; }

    /// <summary>The time in which the stages, or else the update after them, had work, in seconds and added up over the
    /// stages.</summary>
    public double WorkSeconds { get; private set; }

    /// <summary>What the run took for its F, I and W.</summary>
    public StageCosts Costs => Measurements.Costs(Options.Stages);

    /// <summary>Takes a step.</summary>
    /// <param name="heldOut">Whether the held-out loss is measured after it.</param>
    /// <returns>Its time in seconds.</returns>
    public double Step(bool heldOut)
    {
        double rate = _run.Rate.At(_run.StepCount);
        StepLoss step = default;
        TimeSpan before = Environment.CpuUsage.TotalTime;
        Stretch stretch = _run.Advance(_run.StepCount + 1, taken => step = taken, CancellationToken.None);
        CpuSeconds += (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        WorkSeconds += Enumerable.Range(0, stretch.Timeline.Ranks).Sum(stretch.Timeline.Busy)
            + Math.Max(0, stretch.Seconds - stretch.Timeline.Makespan);
        Measurements.Add(stretch);
        History.Add(
            new LossRow(_run.StepCount, step.Loss, heldOut ? _run.HeldOut() : double.NaN, rate, step.GradientNorm, step.Seconds));
        return step.Seconds;
    }

    /// <summary>Measures the held-out loss after the latest step.</summary>
    public void Judge() => History.Judge(_run.HeldOut());

    public void Save(string path) => _run.Save(path, History);

    public void Dispose() => _run.Dispose();
}
