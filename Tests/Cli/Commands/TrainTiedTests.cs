using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

/// <summary>Tied embeddings through the command line.</summary>
[Parallelizable]
public sealed class TrainTiedTests
{
    [Test]
    public void Every_schedule_with_a_flush_gives_the_bits_of_one_device_whatever_the_stages()
    {
        using TemporaryFolder folder = new();
        HashSet<string> hashes = [];
        (string, string, string)[] runs =
        [
            ("1", "naive", "off"), ("2", "gpipe", "end"), ("3", "1f1b", "fill"), ("6", "1f1b", "off"),
            ("2", "interleaved-1f1b", "fill"), ("2", "zb-v", "off"), ("2", "dualpipe-v", "off"),
        ];
        foreach ((string stages, string schedule, string split) in runs)
        {
            CommandLine call = CommandLine.Train(folder, $"{stages}{schedule}", "--tie-embeddings", "--microbatches", "4",
                "--stages", stages, "--schedule", schedule, "--two-stage", split);
            Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), $"{schedule}: {call.Error}");
            hashes.Add(call.Hash);
        }
        Assert.That(hashes, Is.EqualTo(new[] { SerialTraining.Run(Options(folder), (_, t) => t) }));
    }

    [Test]
    public void Two_versions_give_the_bits_of_their_serial_rule_and_resume_in_the_middle_over_other_stages()
    {
        using TemporaryFolder folder = new();
        CommandLine Train(string name, params string[] options) => CommandLine.Train(folder, name,
            ["--tie-embeddings", "--microbatches", "4", "--schedule", "pipedream-2bw", "--steps", "6", .. options]);
        HashSet<string> hashes = [];
        foreach (string stages in new[] { "1", "2", "4" }) hashes.Add(Train(stages, "--stages", stages).Hash);
        Train("part", "--stages", "3", "--stop-at", "3");
        hashes.Add(Train("part", "--stages", "2", "--two-stage", "fill", "--resume").Hash);
        Assert.That(hashes, Is.EqualTo(new[]
        {
            SerialTraining.Run(Options(folder) with { Steps = 6 }, (_, t) => Math.Max(t - 1, 0)),
        }));
    }

    [Test]
    public void The_table_is_counted_and_kept_once_and_the_held_out_loss_knows_it_on_every_stage()
    {
        using TemporaryFolder folder = new();
        CommandLine tied = CommandLine.Train(folder, "tied", "--tie-embeddings", "--stages", "3");
        CommandLine alone = CommandLine.Train(folder, "alone", "--tie-embeddings", "--stages", "1");
        CommandLine apart = CommandLine.Train(folder, "apart", "--stages", "3");
        Assert.That(apart.Json.GetProperty("parameters").GetInt64() - tied.Json.GetProperty("parameters").GetInt64(),
            Is.EqualTo(256 * 128));
        foreach (string end in new[] { "heldOutLossFirst", "heldOutLossLast" })
            Assert.That(tied.Json.GetProperty(end).GetDouble(), Is.EqualTo(alone.Json.GetProperty(end).GetDouble()));
        Assert.That(CommandLine.Run("sample", "--checkpoint", folder["tied"], "--tokens", "4").Code, Is.EqualTo(ExitCode.Ok));
    }

    [Test]
    public void A_run_is_not_resumed_with_the_weights_untied()
    {
        using TemporaryFolder folder = new();
        CommandLine.Train(folder, "run", "--tie-embeddings", "--stop-at", "1");
        CommandLine call = CommandLine.Train(folder, "run", "--resume");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Does.Contain("--tie-embeddings true, and --tie-embeddings is now false"));
    }

    private static TrainOptions Options(TemporaryFolder folder) => new()
    {
        Data = [folder["text.txt"]],
        TieEmbeddings = true,
        Microbatches = 4,
        Steps = 3,
        Batch = 4,
        Seq = 8,
        Threads = 1,
    };
}
