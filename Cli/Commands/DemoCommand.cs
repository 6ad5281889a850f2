using System.CommandLine;

namespace AutogradCore.Cli;

/// <summary><c>demo</c>: trains a small GPT over two stages without and with the split backward pass:
/// what changes is time, and no bit.</summary>
internal static class DemoCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancellation)
    {
        Option<double> seconds =
            new("--seconds") { Description = "About how long to train, both runs together.", DefaultValueFactory = _ => 100 };
        Option<string[]> data = new Option<string[]>("--data")
        {
            Description = "Text files or folders. Default: this repository.",
            AllowMultipleArgumentsPerToken = true,
        }.OfPath();
        Option<string> output = new Option<string>("--out")
        {
            Description = "Folder for results.",
            DefaultValueFactory = _ => Path.Combine("artifacts", "demo"),
        }.OfPath();
        Option<bool> json = new("--json") { Description = "Print the summary as one JSON object." };
        Command command = new(
            "demo", "Trains a small GPT over two stages, without and with 2BP, and compares.") { seconds, data, output, json };
        command.SetAction(parsed =>
        {
            double budget = parsed.GetValue(seconds);
            if (!(budget > 0 && double.IsFinite(budget)))
                throw new UsageException($"--seconds is {budget}.", "use a positive number");
            TrainOptions options = new()
            {
                Data = parsed.GetValue(data) ?? [],
                Stages = 2,
                Microbatches = 2,
                Schedule = "1f1b",
                LearningRate = 2e-3,
                Threads = 2,
            };
            options.Check();
            RunFolder folder = new(parsed.GetValue(output)!);
            folder.RequireOutside(TrainingData.Paths(options.Data));
            using FolderLock held = FolderLock.Take(folder.Path);
            TrainingData text = TrainingData.Load(options.Data, options.Seq, remedy: "load more text");
            terminal.Error.WriteLine($"{options.Model} on {text.Split.Training.Length:N0} bytes of {text.Files} files: "
                + "2 stages of 1 thread, 1F1B, 2 microbatches, without and with 2BP in turns.");
            using DemoComparison comparison = DemoComparison.Run(options, text, budget, terminal, cancellation);
            DemoSummary summary = DemoFolder.Write(folder, comparison, text);
            if (parsed.GetValue(json)) terminal.Out.WriteLine(Json.ToLine(summary));
            else Print(summary, folder, terminal);
            return (int)(summary.IdenticalBits ? ExitCode.Ok : ExitCode.CheckFailed);
        });
        return command;
    }

    private static void Print(DemoSummary s, RunFolder folder, Terminal terminal)
    {
        TextTable table = new("", "without 2BP", "with 2BP");
        table.Add("step time", $"{s.StepSecondsUnsplit * 1000:0.0} ms", $"{s.StepSeconds * 1000:0.0} ms");
        table.Add("idle (bubble)", $"{s.BubbleRatioUnsplit:P1}", $"{s.BubbleRatio:P1}");
        table.Add("peak MiB per stage", Mebibytes(s.PeakBytesUnsplit), Mebibytes(s.PeakBytes));
        table.Add("parameters after training", s.ParameterHashUnsplit[..16], s.ParameterHash[..16]);
        terminal.Write(table);
        terminal.Out.WriteLine("Same bits:        "
            + $"{(s.IdenticalBits ? "yes: every loss and every parameter" : "NO: the runs differ, which is a defect")}");
        terminal.Out.WriteLine($"Throughput ratio: {s.TwoStageSpeedup:0.000} measured, "
            + "in the tenth of the steps that other programs disturbed least");
        terminal.Out.WriteLine($"                  {s.TwoStageSpeedupMedian:0.000} in the median of all steps "
            + $"({s.TwoStageSpeedupQuartiles[0]:0.000} to {s.TwoStageSpeedupQuartiles[1]:0.000} in the middle half)");
        terminal.Out.WriteLine($"                  {s.TwoStageSpeedupTheory:0.000} in theory at equal costs, "
            + $"{s.TwoStageSpeedupSimulated:0.000} simulated with the measured costs");
        foreach (string note in s.Notes) terminal.Out.WriteLine($"Note:             {note}");
        terminal.Out.WriteLine($"Held-out loss:    {s.HeldOutLossFirst:0.000} -> {s.HeldOutLossLast:0.000} nats per byte "
            + $"in {s.Steps} steps ({1 - s.HeldOutLossLast / s.HeldOutLossFirst:P0} lower)");
        terminal.Out.WriteLine($"Sample:\n{string.Join('\n', s.Sample.Split('\n').Select(line => "  | " + line.TrimEnd('\r')))}");
        terminal.Out.WriteLine($"Written to {Path.GetFullPath(folder.Path)}:");
        foreach ((string what, string path) in s.Files) terminal.Out.WriteLine($"  {Path.GetFileName(path),-24} {what}");
    }

    private static string Mebibytes(IReadOnlyList<long> bytes) => string.Join(", ", bytes.Select(b => $"{b / 1048576.0:0.0}"));
}
