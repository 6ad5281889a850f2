using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

/// <summary>Schedules without a flush, through the command line.</summary>
[Parallelizable]
public sealed class TrainContinuousTests
{
    private const string TwoBuffered = "pipedream-2bw", Stashed = "pipedream";

    [TestCase("adamw", "1")]
    [TestCase("momentum", "0.1")]
    [TestCase("sgd", "0")]
    public void Two_versions_have_the_bits_of_their_serial_rule_whatever_the_stages_and_the_split(string optimizer, string clip)
    {
        using TemporaryFolder folder = new();
        HashSet<string> hashes = [];
        (int, string)[] runs = [(1, "off"), (2, "off"), (2, "end"), (3, "eager"), (3, "fill"), (4, "off"), (4, "fill")];
        foreach ((int stages, string split) in runs)
        {
            CommandLine call = Train(folder, $"{stages}{split}", TwoBuffered, "--stages", $"{stages}", "--two-stage", split,
                "--optimizer", optimizer, "--clip", clip, "--steps", "6");
            Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
            hashes.Add(call.Hash);
        }
        string serial = SerialTraining.Run(Options(folder) with
        {
            Microbatches = 4,
            Steps = 6,
            Optimizer = optimizer,
            Clip = double.Parse(clip, System.Globalization.CultureInfo.InvariantCulture),
        }, (_, t) => Math.Max(t - 1, 0));
        Assert.That(hashes, Is.EqualTo(new[] { serial }));
    }

    [TestCase("adamw")]
    [TestCase("momentum")]
    [TestCase("sgd")]
    public void Stashed_weights_have_the_bits_of_their_serial_rule_between_measurements(string optimizer)
    {
        const int Steps = 31, Every = 3;
        using TemporaryFolder folder = new();
        CommandLine call = Train(folder, "run", Stashed, "--stages", "3", "--steps", $"{Steps}", "--optimizer", optimizer);
        Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
        int[] starts = [.. call.Json.GetProperty("stageStarts").EnumerateArray().Select(s => s.GetInt32())];
        string serial = SerialTraining.Run(
            Options(folder) with { Microbatches = 1, Steps = Steps, Optimizer = optimizer, Clip = 0 },
            (layer, t) => Math.Max(t - (2 - Array.FindLastIndex(starts, s => s <= layer)), t - t % Every));
        Assert.That(call.Hash, Is.EqualTo(serial));
    }

    [TestCase("adamw")]
    [TestCase("momentum")]
    public void Two_versions_resume_in_the_middle_with_any_stages_to_the_bits_of_a_run_that_never_stopped(string optimizer)
    {
        using TemporaryFolder folder = new();
        CommandLine whole = Train(folder, "whole", TwoBuffered, "--steps", "9", "--optimizer", optimizer);
        foreach (string stop in new[] { "1", "4", "8" })
        {
            string name = $"part{stop}";
            CommandLine part = Train(folder, name, TwoBuffered, "--steps", "9", "--optimizer", optimizer, "--stop-at", stop,
                "--checkpoint-every", "2");
            Assert.That(part.Json.GetProperty("steps").GetInt32(), Is.EqualTo(int.Parse(stop)));
            CommandLine resumed = Train(folder, name, TwoBuffered, "--steps", "9", "--optimizer", optimizer, "--resume",
                "--stages", "4", "--two-stage", "end");
            Assert.That(resumed.Code, Is.EqualTo(ExitCode.Ok), resumed.Error);
            Assert.That(resumed.Hash, Is.EqualTo(whole.Hash), $"stopped after {stop}");
            Assert.That(Losses(folder, name), Is.EqualTo(Losses(folder, "whole")));
        }
    }

    [Test]
    public void A_run_with_stashed_weights_stops_where_the_pipeline_runs_empty_and_resumes_to_the_same_bits()
    {
        using TemporaryFolder folder = new();
        CommandLine whole = Train(folder, "whole", Stashed, "--steps", "31", "--stages", "3");
        CommandLine part = Train(folder, "part", Stashed, "--steps", "31", "--stages", "3", "--stop-at", "10",
            "--checkpoint-every", "4");
        Assert.That(part.Json.GetProperty("steps").GetInt32(), Is.EqualTo(12), "the next multiple of 3");
        CommandLine resumed = Train(folder, "part", Stashed, "--steps", "31", "--stages", "3", "--resume");
        Assert.That(resumed.Hash, Is.EqualTo(whole.Hash));
        Assert.That(Losses(folder, "part"), Is.EqualTo(Losses(folder, "whole")));
    }

    [Test]
    public void Its_checkpoint_holds_the_older_weights_and_can_be_sampled()
    {
        using TemporaryFolder folder = new();
        Train(folder, "run", TwoBuffered);
        using (SafetensorsFile file = SafetensorsFile.Open(folder["run/checkpoint.safetensors"]))
            Assert.That(file.Names, Has.Some.StartsWith(WeightVersions.OlderPrefix));
        CommandLine sample = CommandLine.Run("sample", "--checkpoint", folder["run"], "--tokens", "4");
        Assert.That(sample.Code, Is.EqualTo(ExitCode.Ok), sample.Error);
    }

    [TestCase(TwoBuffered, "1f1b", "pipedream-2bw")]
    [TestCase("1f1b", TwoBuffered, "a flush")]
    public void A_run_does_not_go_on_with_gradients_at_other_weights(string before, string now, string hint)
    {
        using TemporaryFolder folder = new();
        Train(folder, "run", before, "--stop-at", "1");
        CommandLine call = Train(folder, "run", now, "--resume");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Does.Contain("updates are").And.Contain($"--schedule {now}").And.Contain($"Hint: resume with"));
        Assert.That(call.Error, Does.Contain(hint));
    }

    [Test]
    public void A_run_with_stashed_weights_does_not_go_on_over_other_stages()
    {
        using TemporaryFolder folder = new();
        Train(folder, "run", Stashed, "--stop-at", "1", "--stages", "2");
        Assert.That(Train(folder, "run", Stashed, "--resume", "--stages", "3").Error, Does.Contain("as many --stages as before"));
    }

    [TestCase(TwoBuffered, "--stages 5", "--microbatches 4 is fewer than --stages 5")]
    [TestCase(TwoBuffered, "--chunks 2", "2 stages per rank")]
    [TestCase(TwoBuffered, "--optimizer adam", "choose one of adamw, momentum, sgd")]
    [TestCase(Stashed, "--microbatches 2", "updates after each")]
    [TestCase(Stashed, "--clip 1", "no global norm")]
    [TestCase(Stashed, "--tie-embeddings", "a table that they share would be two")]
    public void Bad_options(string schedule, string options, string says)
    {
        using TemporaryFolder folder = new();
        CommandLine call = Train(folder, "run", schedule, options.Split(' '));
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage), call.Error);
        Assert.That(call.Error, Does.Contain(says).And.Contain("Hint:"));
        Assert.That(Directory.Exists(folder["run"]), Is.False);
    }

    [Test]
    public void A_loss_that_is_not_a_number_names_the_step_and_keeps_the_curve_and_the_last_checkpoint()
    {
        using TemporaryFolder folder = new();
        CommandLine call = Train(folder, "run", TwoBuffered, "--lr", "1e30", "--warmup", "0", "--clip", "0", "--steps", "40",
            "--checkpoint-every", "1");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Anomaly), call.Error);
        Assert.That(call.Error, Does.Match(@"batch \d+ is"));
        Assert.That(Checkpoint.ReadState(folder["run/checkpoint.safetensors"]).Step, Is.GreaterThan(0));
        Assert.That(Losses(folder, "run"), Is.Not.Empty);
    }

    [Test]
    public void With_detect_anomaly_the_error_names_the_step_of_the_action_that_failed()
    {
        using TemporaryFolder folder = new();
        CommandLine call = Train(folder, "run", TwoBuffered, "--lr", "1e30", "--warmup", "0", "--clip", "0", "--steps", "40",
            "--detect-anomaly");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Anomaly), call.Error);
        Assert.That(call.Error, Does.Match(@"Step 2: Rank 0 failed in 0F8\b"), "batch 2 is the first that reads an update");
    }

    [Test]
    public void An_interruption_saves_a_run_that_goes_on_to_the_same_bits()
    {
        using TemporaryFolder folder = new();
        CommandLine whole = Train(folder, "whole", TwoBuffered, "--steps", "5");
        using CancellationTokenSource interrupt = new();
        interrupt.Cancel();
        CommandLine call = CommandLine.Run(interrupt.Token, "train", "--data", folder["text.txt"], "--out", folder["run"],
            "--seq", "8", "--batch", "4", "--microbatches", "4", "--threads", "1", "--steps", "5", "--schedule", TwoBuffered);
        Assert.That(call.Code, Is.EqualTo(ExitCode.Interrupted), call.Error);
        Assert.That(Train(folder, "run", TwoBuffered, "--steps", "5", "--resume").Hash, Is.EqualTo(whole.Hash));
    }

    private static CommandLine Train(TemporaryFolder folder, string name, string schedule, params string[] options)
    {
        List<string> all = ["--schedule", schedule];
        if (!options.Contains("--microbatches")) all.AddRange(["--microbatches", schedule == Stashed ? "1" : "4"]);
        return CommandLine.Train(folder, name, [.. all, .. options]);
    }

    private static TrainOptions Options(TemporaryFolder folder) =>
        new() { Data = [folder["text.txt"]], Steps = 3, Batch = 4, Seq = 8, Threads = 1 };

    /// <summary>Step, loss and norm of each step, without times and measurements.</summary>
    private static string[] Losses(TemporaryFolder folder, string name) =>
    [
        .. File.ReadLines(folder[$"{name}/loss.csv"]).Skip(2).Select(line => line.Split(','))
            .Select(cells => $"{cells[0]} {cells[1]}"),
    ];
}
