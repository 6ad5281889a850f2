using AutogradCore.Cli;
using AutogradCore.Pipeline;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

[Parallelizable]
public sealed class TrainTests
{
    [Test]
    public void Every_number_of_stages_schedule_and_split_gives_the_same_parameters()
    {
        using TemporaryFolder folder = new();
        HashSet<string> hashes = [];
        (int, string, string)[] runs =
        [
            (1, "naive", "off"), (2, "naive", "end"), (3, "naive", "fill"), (4, "naive", "off"),
            (1, "gpipe", "end"), (2, "gpipe", "fill"), (3, "gpipe", "off"), (4, "gpipe", "end"),
            (1, "1f1b", "fill"), (2, "1f1b", "off"), (3, "1f1b", "end"), (4, "1f1b", "eager"),
        ];
        foreach ((int stages, string schedule, string split) in runs)
        {
            CommandLine call = CommandLine.Train(folder, $"{stages}{schedule}{split}", "--stages", $"{stages}", "--schedule",
                schedule, "--two-stage", split, "--steps", "2", "--threads", "4");
            Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
            hashes.Add(call.Hash);
        }
        Assert.That(hashes, Has.Count.EqualTo(1));
    }

    [Test]
    public void Every_schedule_with_a_flush_and_a_file_give_the_same_parameters()
    {
        using TemporaryFolder folder = new();
        HashSet<string> hashes = [];
        void Train(string name, params string[] options)
        {
            CommandLine call = CommandLine.Train(folder, name, ["--steps", "2", "--threads", "2", .. options]);
            Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
            hashes.Add(call.Hash);
            string[] stages = [.. call.Json.GetProperty("stageStarts").EnumerateArray().Select(s => $"{s}")];
            Assert.That(stages, Has.Length.EqualTo(options.Contains("--chunks") ? 6 : Schedules.Names.Contains(name)
                ? 2 * Schedules.Info(name).DefaultChunks : 4), name);
        }
        foreach (ScheduleInfo info in Schedules.All.Where(info => info.Flushes))
            Train(info.Name, "--schedule", info.Name, "--microbatches", "4");
        Train("three", "--schedule", "interleaved-1f1b", "--chunks", "3", "--microbatches", "4");
        foreach (string transfers in new[] { "remove", "insert" })
        {
            CommandLine.Run("schedule", "convert", "--schedule", "v-half", "--stages", "2", "--microbatches", "4",
                "--transfers", transfers, "--csv", folder["v.csv"]);
            Train($"file {transfers}", "--schedule", folder["v.csv"], "--microbatches", "4");
        }
        Assert.That(hashes, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_schedule_file_brings_its_own_sizes()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["mine.csv"], "0F0,0I0,0W0\n1F0,1I0,1W0\n2F0,2I0,2W0\n");
        CommandLine.Train(folder, "warm", "--steps", "1");
        CommandLine call = CommandLine.Run("train", "--json", "--out", folder["run"], "--data", folder["text.txt"],
            "--schedule", folder["mine.csv"], "--steps", "1", "--batch", "4", "--seq", "8", "--threads", "1");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
        Assert.That(call.Json.GetProperty("stages").GetInt32(), Is.EqualTo(3));
        Assert.That(call.Json.GetProperty("configuration").GetProperty("microbatches").GetString(), Is.EqualTo("1"));
        Assert.That(call.Json.GetProperty("twoStage").GetString(), Is.EqualTo("off"));
    }

    [Test]
    public void It_writes_curve_timeline_checkpoint_and_summary()
    {
        using TemporaryFolder folder = new();
        CommandLine call = CommandLine.Train(folder, "run", "--steps", "4");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
        Assert.That(Directory.GetFiles(folder["run"]).Select(Path.GetFileName), Is.EquivalentTo(new[]
        {
            "checkpoint.safetensors", "loss.csv", "loss.svg", "summary.json", "timeline.json", "timeline.svg",
        }));
        Assert.That(ChromeTrace.FromJson(File.ReadAllText(folder["run/timeline.json"])).Single().Ranks, Is.EqualTo(2));
        Assert.That(File.ReadAllLines(folder["run/loss.csv"]), Has.Length.EqualTo(6));
        Assert.That(call.Json.GetProperty("heldOutLossLast").GetDouble(),
            Is.LessThan(call.Json.GetProperty("heldOutLossFirst").GetDouble()));
        Assert.That(call.Json.GetProperty("interrupted").GetBoolean(), Is.False);
        Assert.That(call.Json.GetProperty("peakBytes").EnumerateArray().Select(b => b.GetInt64()), Is.All.GreaterThan(0));
        Assert.That(File.ReadAllText(folder["run/summary.json"]), Does.Contain(call.Hash));
    }

    [Test]
    public void Progress_tells_of_the_held_out_loss_at_which_step_it_was_and_at_the_end_the_last_one()
    {
        using TemporaryFolder folder = new();
        CommandLine call = CommandLine.Train(folder, "run", "--steps", "20", "--stages", "1");
        string[] lines = call.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        double last = call.Json.GetProperty("heldOutLossLast").GetDouble();
        Assert.That(lines.First(line => line.StartsWith("train gpt-nano 1/20 ", StringComparison.Ordinal)),
            Does.Contain(" at step 0,"));
        Assert.That(lines[^1], Does.StartWith("train gpt-nano 20/20 ").And.Contain($"held out {last:0.0000}, "));
        Assert.That(lines.Count(line => line.Contains(" 20/20 ", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [Test]
    public void A_resumed_run_ends_with_the_bits_of_one_that_never_stopped_whatever_the_stages()
    {
        using TemporaryFolder folder = new();
        CommandLine whole = CommandLine.Train(folder, "whole", "--steps", "5");
        CommandLine part = CommandLine.Train(folder, "part", "--steps", "5", "--stop-at", "2");
        Assert.That(part.Json.GetProperty("interrupted").GetBoolean(), Is.True);
        CommandLine resumed = CommandLine.Train(
            folder, "part", "--steps", "5", "--stages", "3", "--schedule", "gpipe", "--resume");
        Assert.That(resumed.Code, Is.EqualTo(ExitCode.Ok), resumed.Error);
        Assert.That(resumed.Hash, Is.EqualTo(whole.Hash));
        Assert.That(File.ReadAllLines(folder["part/loss.csv"]), Has.Length.EqualTo(7));
        CommandLine again = CommandLine.Train(folder, "part", "--steps", "5", "--resume");
        Assert.That((again.Code, again.Hash), Is.EqualTo((ExitCode.Ok, whole.Hash)));
    }

    [Test]
    public void An_interruption_saves_and_says_so()
    {
        using TemporaryFolder folder = new();
        using CancellationTokenSource interrupt = new();
        interrupt.Cancel();
        File.WriteAllText(folder["text.txt"], new string('a', 600));
        CommandLine call = CommandLine.Run(
            interrupt.Token, "train", "--data", folder["text.txt"], "--out", folder["run"], "--seq", "8", "--batch", "4");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Interrupted), call.Error);
        Assert.That(call.Out, Does.Contain("--resume"));
        Assert.That(Checkpoint.ReadState(folder["run/checkpoint.safetensors"]).Step, Is.Zero);
    }

    [Test]
    public void With_detect_anomaly_the_error_names_step_and_op()
    {
        using TemporaryFolder folder = new();
        CommandLine call = CommandLine.Train(folder, "run", "--lr", "1e30", "--warmup", "0", "--clip", "0", "--detect-anomaly");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Anomaly));
        Assert.That(call.Error, Does.Contain("Step 1: Rank 0 failed in 0F0").And.Contain("Linear"));
        Assert.That(call.Error.Split("Hint:"), Has.Length.EqualTo(2));
    }

    [Test]
    public void A_loss_that_is_not_a_number_names_the_step_and_leaves_the_last_checkpoint()
    {
        using TemporaryFolder folder = new();
        CommandLine call = CommandLine.Train(
            folder, "run", "--lr", "1e30", "--warmup", "0", "--clip", "0", "--steps", "6", "--checkpoint-every", "1");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Anomaly));
        Assert.That(call.Error, Does.Match(@"step \d"));
        Assert.That(call.Out, Is.Empty);
        Assert.That(Checkpoint.ReadState(folder["run/checkpoint.safetensors"]).Step, Is.GreaterThan(0));
    }
}
