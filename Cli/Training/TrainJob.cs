using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>One call of <c>train</c>: everything is checked first, then it trains, then it writes.</summary>
internal sealed record TrainJob
{
    public required TrainOptions Options { get; init; }
    public string? Out { get; init; }
    public bool Resume { get; init; }
    public bool Overwrite { get; init; }
    public int CheckpointEvery { get; init; } = 100;
    public int? StopAt { get; init; }
    public bool Json { get; init; }

    /// <summary>Trains, and says how it ended.</summary>
    /// <exception cref="AutogradException">Bad options, data or checkpoint; a loss that is not finite;
    /// results that cannot be written.</exception>
    public ExitCode Run(Terminal terminal, Interruption interruption)
    {
        RunFolder folder = new(Out ?? Path.Combine("artifacts", "train", $"{DateTime.Now:yyyyMMdd-HHmmss}"));
        Check(folder);
        using FolderLock held = FolderLock.Take(folder.Path);
        RequireFree(folder);
        terminal.Error.WriteLine($"train {Options.Model}: {Options.Steps} steps over {Options.Stages} stages on "
            + $"{Backends.Named(Options.Backend, Options.Device)}");
        TrainingData data = TrainingData.Load(Options.Data, Options.Seq);
        using TrainingRun run = new(Options, data);
        if (run.Device is { } device) terminal.Error.WriteLine($"{device.Name}: {device.Description}");
        if (HeldBack(run) is { } note) terminal.Error.WriteLine(note);
        LossHistory history = new();
        if (Resume)
        {
            history.Resume(run.Resume(folder.Checkpoint), folder.LossTable);
            if (run.StepCount >= Options.Steps) return Complete(terminal, folder, run, data, history);
        }
        WholeFile.RequirePlace(folder.Checkpoint);
        using IDisposable hold = interruption.HoldForSaving();
        Measurements measurements = new();
        System.Action save = () =>
        {
            run.Save(folder.Checkpoint, history);
            WholeFile.Write(folder.LossTable, history.ToCsv());
        };
        Trainer trainer = new(run, history, measurements)
        {
            SaveEvery = CheckpointEvery,
            EvaluateEvery = Options.EvaluateEvery,
            Save = save,
        };
        try
        {
            StepProgress.Show(terminal, $"train {Options.Model}", Options.Steps, run.StepCount, progress =>
                trainer.Until(Math.Min(StopAt ?? Options.Steps, Options.Steps), progress, interruption.Token));
        }
        catch (AnomalyException)
        {
            // The last checkpoint stays: parameters on the way to NaN are no state to go on from. The curve shows the way there.
            KeepCurve(folder, history, terminal);
            throw;
        }
        save();
        RunSummary summary = RunSummary.Of(run, Options, data, history, measurements);
        Write(folder, run, history, measurements, summary);
        Print(terminal, folder, summary);
        return interruption.Token.IsCancellationRequested && summary.Interrupted ? ExitCode.Interrupted : ExitCode.Ok;
    }

    /// <summary>Writes the curve of a run that failed; what hinders that must not hide why it failed.</summary>
    private static void KeepCurve(RunFolder folder, LossHistory history, Terminal terminal)
    {
        try
        {
            WholeFile.Write(folder.LossTable, history.ToCsv());
        }
        catch (OutputException error)
        {
            terminal.Error.WriteLine(error.Message.Split('\n')[0].TrimEnd());
        }
    }

    /// <summary>What it costs to add gradients in the order of the microbatches, where the schedule does not.</summary>
    private static string? HeldBack(TrainingRun run)
    {
        if (run.Schedule == run.Listed) return null;
        IEnumerable<string> more = HeldState.Peaks(run.Listed).Zip(HeldState.Peaks(run.Schedule))
            .Select((peaks, rank) => (Rank: rank, Before: peaks.First.Either, Now: peaks.Second.Either))
            .Where(p => p.Now > p.Before)
            .Select(p => $"rank {p.Rank} holds up to {p.Now} microbatches instead of {p.Before}");
        return $"{run.Listed.Name} lists W or B out of the order of the microbatches. A W before its turn is held back, so that "
            + $"the bits are those of one device: {string.Join(", ", more.DefaultIfEmpty("no rank holds more"))}.";
    }

    /// <summary>Writes what a run owes that has all its steps: whatever a kill after its last checkpoint left out.</summary>
    private ExitCode Complete(Terminal terminal, RunFolder folder, TrainingRun run, TrainingData data, LossHistory history)
    {
        List<string> written = [.. OwedResults.WriteCurve(folder, history, Title)];
        string? summary = OwedResults.Summary(folder, run.Hash);
        if (summary is null)
        {
            RunSummary made = RunSummary.Of(run, Options, data, history, new Measurements());
            WholeFile.Write(folder.Summary, AutogradCore.Cli.Json.ToPage(made));
            written.Add(Path.GetFileName(folder.Summary));
            Print(terminal, folder, made);
        }
        else if (Json) terminal.Out.WriteLine(summary);
        terminal.Error.WriteLine($"The run in {folder.Path} has all its {Options.Steps} steps; "
            + (written.Count == 0 ? "nothing is left to do." : $"written anew: {string.Join(", ", written)}."));
        return ExitCode.Ok;
    }

    private void Check(RunFolder folder)
    {
        Options.Check();
        if (CheckpointEvery < 1) throw new UsageException($"--checkpoint-every is {CheckpointEvery}.", "use 1 or more");
        if (StopAt < 1) throw new UsageException($"--stop-at is {StopAt}.", "use 1 or more");
        if (Resume && Out is null) throw new UsageException("--resume needs --out.", "name the folder of the run with --out");
        if (Resume && Overwrite)
            throw new UsageException("--resume and --overwrite exclude each other.", "--resume goes on, --overwrite starts anew");
        folder.RequireOutside(TrainingData.Paths(Options.Data));
    }

    private void RequireFree(RunFolder folder)
    {
        if (!Resume && !Overwrite && File.Exists(folder.Checkpoint))
            throw new UsageException($"{folder.Path} holds a checkpoint already.",
                "--resume goes on with it, --overwrite starts anew, another --out keeps both");
    }

    private string Title => $"{Options.Model}, {Options.Stages} stages, {Options.Schedule}, 2BP {Options.TwoStage}";

    private void Write(
        RunFolder folder, TrainingRun run, LossHistory history, Measurements measurements, RunSummary summary)
    {
        WholeFile.Write(folder.LossChart, history.ToSvg(Title));
        if (!measurements.IsEmpty)
        {
            Timeline timeline = run.WithParameters(Pictured(measurements.Typical.Timeline)).Named("measured");
            WholeFile.Write(folder.Trace, ChromeTrace.ToJson(timeline));
            WholeFile.Write(folder.TimelinePicture, TimelineSvg.Draw(timeline, Title));
        }
        WholeFile.Write(folder.Summary, AutogradCore.Cli.Json.ToPage(summary));
    }

    /// <summary>Without flushes, the first steps after an empty pipeline: more would not be readable.</summary>
    private Timeline Pictured(Timeline timeline)
    {
        const int Steps = 8;
        return Options.Policy is null
            ? timeline
            : new Timeline(timeline.Name, timeline.Ranks, timeline.Events.Where(e => e.Action.Microbatch
                < (e.Action.Kind == ActionKind.Update ? Steps : Steps * Options.Microbatches)), timeline.Unit);
    }

    private void Print(Terminal terminal, RunFolder folder, RunSummary s)
    {
        if (Json)
        {
            terminal.Out.WriteLine(AutogradCore.Cli.Json.ToLine(s));
            return;
        }
        terminal.Out.WriteLine($"{(s.Interrupted ? "Stopped after" : "Took")} {s.Steps} steps: "
            + $"held-out loss {s.HeldOutLossFirst:0.0000} -> {s.HeldOutLossLast:0.0000}, "
            + $"training loss {s.LossFirst:0.0000} -> {s.LossLast:0.0000}.");
        if (double.IsFinite(s.BubbleRatio))
            terminal.Out.WriteLine(
                $"{s.TokensPerSecond:0} tokens/s, {s.StepSeconds * 1000:0.0} ms/step, bubble {s.BubbleRatio:P1} "
            + $"(simulated {s.BubbleRatioSimulated:P1}, equal costs {s.BubbleRatioTheory:P1}), "
            + $"peak MiB per rank {string.Join(", ", s.PeakBytes.Select(b => $"{b / 1048576.0:0.0}"))}.");
        terminal.Out.WriteLine($"Parameters {s.ParameterHash}");
        terminal.Out.WriteLine($"Written to {folder.Path}");
        string path = Path.GetFullPath(folder.Path);
        terminal.Out.WriteLine(s.Interrupted
            ? $"Go on with the same options and --out {ThisProgram.Quoted(path)} --resume"
            : $"Sample it:\n  {ThisProgram.Line("sample", "--checkpoint", path)}");
    }
}
