namespace AutogradCore.Cli;

/// <summary>The loop around a run: steps, held-out losses, checkpoints, until the last step or an interruption.</summary>
internal sealed class Trainer(TrainingRun run, LossHistory history, Measurements measurements)
{
    /// <summary>Steps between measurements of the held-out loss.</summary>
    public int EvaluateEvery { get; init; } = 25;

    /// <summary>Steps between checkpoints.</summary>
    public int SaveEvery { get; init; } = 100;

    /// <summary>Writes what has to survive; called every <see cref="SaveEvery"/> steps, or when the pipeline is empty
    /// next.</summary>
    public System.Action? Save { get; init; }

    /// <summary>Trains until <paramref name="last"/> steps are taken, or a few more where the pipeline must not run empty
    /// there.</summary>
    /// <param name="last">The step to reach.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancellation">Ends the loop when the pipeline is empty next.</param>
    public void Until(int last, StepProgress progress, CancellationToken cancellation)
    {
        if (history.Rows.Count == 0)
            history.Add(new LossRow(run.StepCount, double.NaN, run.HeldOut(cancellation), double.NaN, double.NaN, double.NaN));
        else if (run.StepCount % EvaluateEvery == 0 && double.IsNaN(history.Rows[^1].HeldOut))
            history.Judge(run.HeldOut(cancellation)); // an interruption came before this measurement
        while (run.StepCount < last && !cancellation.IsCancellationRequested)
        {
            int before = run.StepCount;
            Stretch stretch = Advance(run.NextEmpty(last, EvaluateEvery, SaveEvery), progress, cancellation);
            if (stretch.Steps == 0) return;
            measurements.Add(stretch);
            bool ends = run.StepCount >= last || cancellation.IsCancellationRequested;
            if (ends || run.StepCount % EvaluateEvery == 0) history.Judge(run.HeldOut(cancellation));
            Report(progress, history.Rows[^1]);
            if (!ends && run.StepCount / SaveEvery > before / SaveEvery) Save?.Invoke();
        }
    }

    /// <summary>Takes the steps and notes those that were taken, also before a failure. Reports all but the last, after which
    /// the held-out loss may be measured.</summary>
    private Stretch Advance(int until, StepProgress progress, CancellationToken cancellation)
    {
        SortedList<int, LossRow> rows = [];
        try
        {
            return run.Advance(until, step =>
            {
                lock (rows)
                {
                    if (rows.Count > 0) Report(progress, rows.Values[^1]);
                    rows.Add(step.Step, new LossRow(
                        step.Step + 1, step.Loss, double.NaN, run.Rate.At(step.Step), step.GradientNorm, step.Seconds));
                }
            }, cancellation);
        }
        finally
        {
            foreach (LossRow row in rows.Values) history.Add(row);
        }
    }

    /// <summary>Tells of a step. A held-out loss of an earlier step stands with that step's number.</summary>
    private void Report(StepProgress progress, in LossRow row)
    {
        LossRow judged = history.Rows.LastOrDefault(r => !double.IsNaN(r.HeldOut));
        string age = judged.Step == row.Step ? "" : $" at step {judged.Step}";
        progress.Report(row.Step,
            $"loss {row.Loss:0.0000}, held out {judged.HeldOut:0.0000}{age}, {row.Seconds * 1000:0} ms/step");
    }
}
