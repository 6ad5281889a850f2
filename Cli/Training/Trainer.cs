using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>The loop around a run: steps, held-out losses, checkpoints, until the last step or an interruption.</summary>
internal sealed class Trainer(TrainingRun run, LossHistory history, Measurements measurements)
{
    /// <summary>Steps between measurements of the held-out loss.</summary>
    public int EvaluateEvery { get; init; } = 25;

    /// <summary>Steps between checkpoints.</summary>
    public int SaveEvery { get; init; } = 100;

    /// <summary>Writes what has to survive; called every <see cref="SaveEvery"/> steps.</summary>
    public System.Action? Save { get; init; }

    /// <summary>Trains until <paramref name="last"/> steps are taken.</summary>
    /// <param name="last">The step to reach.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellation">Ends the loop after the present step.</param>
    public void Until(int last, StepProgress progress, CancellationToken cancellation)
    {
        if (history.Rows.Count == 0) history.Add(new LossRow(0, double.NaN, run.HeldOut(), double.NaN, double.NaN, double.NaN));
        while (run.StepCount < last && !cancellation.IsCancellationRequested)
        {
            double rate = run.Rate.At(run.StepCount);
            StepResult step = run.Step();
            measurements.Add(step);
            bool ends = run.StepCount == last || cancellation.IsCancellationRequested;
            double heldOut = ends || run.StepCount % EvaluateEvery == 0 ? run.HeldOut() : double.NaN;
            history.Add(new LossRow(run.StepCount, step.Loss, heldOut, rate, step.GradientNorm, step.Seconds));
            progress.Report(run.StepCount, $"loss {step.Loss:0.0000}, held out {history.Ends(r => r.HeldOut).Last:0.0000}, "
                + $"{measurements.StepSeconds * 1000:0} ms/step");
            if (!ends && run.StepCount % SaveEvery == 0) Save?.Invoke();
        }
    }
}
