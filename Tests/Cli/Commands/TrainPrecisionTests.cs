using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

[Parallelizable]
public sealed class TrainPrecisionTests
{
    [Test]
    public void A_run_in_bf16_has_one_result_whatever_the_stages_tied_or_not_and_its_checkpoint_is_sampled()
    {
        using TemporaryFolder folder = new();
        foreach (string[] tie in new string[][] { [], ["--tie-embeddings"] })
        {
            HashSet<string> hashes = [];
            foreach (int stages in new[] { 1, 3 })
            {
                CommandLine call = CommandLine.Train(
                    folder, $"{stages}{tie.Length}", ["--precision", "bf16", "--stages", $"{stages}", "--steps", "2", .. tie]);
                Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
                Assert.That(call.Json.GetProperty("heldOutLossLast").GetDouble(), Is.InRange(1, 6));
                hashes.Add(call.Hash);
            }
            hashes.Add(CommandLine.Train(folder, $"floats{tie.Length}", ["--stages", "1", "--steps", "2", .. tie]).Hash);
            Assert.That(hashes, Has.Count.EqualTo(2), "one in bf16, another in floats");
        }
        Assert.That(CommandLine.Run("sample", "--checkpoint", folder["30"], "--tokens", "4").Code, Is.EqualTo(ExitCode.Ok));
    }

    [Test]
    public void Two_versions_of_weights_in_bf16_give_the_bits_of_their_serial_rule()
    {
        using TemporaryFolder folder = new();
        HashSet<string> hashes = [];
        foreach (string stages in new[] { "1", "3" })
        {
            CommandLine call = CommandLine.Train(folder, stages, "--precision", "bf16", "--microbatches", "4", "--schedule",
                "pipedream-2bw", "--steps", "4", "--stages", stages);
            Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
            hashes.Add(call.Hash);
        }
        TrainOptions options = new()
        {
            Data = [folder["text.txt"]],
            Precision = "bf16",
            Microbatches = 4,
            Steps = 4,
            Batch = 4,
            Seq = 8,
            Threads = 1,
        };
        Assert.That(hashes, Is.EqualTo(new[] { SerialTraining.Run(options, (_, t) => Math.Max(t - 1, 0)) }));
    }

    [Test]
    public void A_resumed_run_in_bf16_ends_with_the_bits_of_one_that_never_stopped()
    {
        using TemporaryFolder folder = new();
        CommandLine whole = CommandLine.Train(folder, "whole", "--precision", "bf16", "--steps", "3");
        CommandLine.Train(folder, "parts", "--precision", "bf16", "--steps", "3", "--stop-at", "1");
        CommandLine resumed = CommandLine.Train(folder, "parts", "--precision", "bf16", "--steps", "3", "--resume");
        Assert.That(resumed.Code, Is.EqualTo(ExitCode.Ok), resumed.Error);
        Assert.That(resumed.Hash, Is.EqualTo(whole.Hash));
    }
}
