using System.Text.Json;
using System.Text.Json.Nodes;
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
        terminal.Error.WriteLine($"train {Options.Model}: {Options.Steps} steps over {Options.Stages} stages on "
            + $"{Backends.Described(Options.Backend, Options.Device)}");
        TrainingData data = TrainingData.Load(Options.Data, Options.Seq);
        using TrainingRun run = new(Options, data);
        LossHistory history = new();
        if (Resume)
        {
            run.Resume(folder.Checkpoint);
            history.Resume(folder.LossTable, run.StepCount);
            if (run.StepCount >= Options.Steps)
            {
                terminal.Error.WriteLine($"The run in {folder.Path} has all its {Options.Steps} steps; nothing is left to do.");
                if (Json && File.Exists(folder.Summary))
                    terminal.Out.WriteLine(SummaryIn(folder));
                return ExitCode.Ok;
            }
        }
        WholeFile.MakeFolder(folder.Path);
        WholeFile.RequirePlace(folder.Checkpoint);
        using IDisposable hold = interruption.HoldForSaving();
        Measurements measurements = new();
        System.Action save = () =>
        {
            run.Save(folder.Checkpoint);
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

    /// <summary>The summary that an earlier call wrote, on one line.</summary>
    /// <exception cref="CorpusException">The file cannot be read, or is cut off.</exception>
    private static string SummaryIn(RunFolder folder)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(folder.Summary))!.ToJsonString();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new CorpusException(folder.Summary, null, $"holds no summary: {error.Message}",
                "remove the file; the checkpoint and the curve are whole", error);
        }
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

    private void Check(RunFolder folder)
    {
        Options.Check();
        if (CheckpointEvery < 1) throw new UsageException($"--checkpoint-every is {CheckpointEvery}.", "use 1 or more");
        if (StopAt < 1) throw new UsageException($"--stop-at is {StopAt}.", "use 1 or more");
        if (Resume && Out is null) throw new UsageException("--resume needs --out.", "name the folder of the run with --out");
        if (Resume && Overwrite)
            throw new UsageException("--resume and --overwrite exclude each other.", "--resume goes on, --overwrite starts anew");
        if (!Resume && !Overwrite && File.Exists(folder.Checkpoint))
            throw new UsageException($"{folder.Path} holds a checkpoint already.",
                "--resume goes on with it, --overwrite starts anew, another --out keeps both");
        folder.RequireOutside(TrainingData.Paths(Options.Data));
    }

    private void Write(
        RunFolder folder, TrainingRun run, LossHistory history, Measurements measurements, RunSummary summary)
    {
        string title = $"{Options.Model}, {Options.Stages} stages, {Options.Schedule}, 2BP {Options.TwoStage}";
        WholeFile.Write(folder.LossChart, history.ToSvg(title));
        if (!measurements.IsEmpty)
        {
            Timeline timeline = run.WithParameters(Pictured(measurements.Typical.Timeline)).Named("measured");
            WholeFile.Write(folder.Trace, ChromeTrace.ToJson(timeline));
            WholeFile.Write(folder.TimelinePicture, TimelineSvg.Draw(timeline, title));
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
        terminal.Out.WriteLine($"{s.TokensPerSecond:0} tokens/s, {s.StepSeconds * 1000:0.0} ms/step, bubble {s.BubbleRatio:P1} "
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
