using System.Text.Json;
using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

[Parallelizable]
public sealed class DemoTests
{
    [TestCase("0")]
    [TestCase("NaN")]
    public void A_budget_that_is_none_is_refused(string seconds) =>
        Assert.That(CommandLine.Run("demo", "--seconds", seconds).Code, Is.EqualTo(ExitCode.Usage));

    [Test]
    public void An_interruption_ends_it()
    {
        using TemporaryFolder folder = new();
        folder.Write("data/text.txt", [.. Enumerable.Repeat((byte)'a', 4000)]);
        using CancellationTokenSource interrupt = new();
        interrupt.Cancel();
        Assert.That(CommandLine.Run(interrupt.Token, "demo", "--data", folder["data"], "--out", folder["demo"]).Code,
            Is.EqualTo(ExitCode.Interrupted));
    }

    [Test]
    public void It_ends_with_the_same_bits_and_writes_everything()
    {
        using TemporaryFolder folder = new();
        folder.Write(
            "text.txt", [.. Enumerable.Range(0, 3000).Select(i => (byte)"To be, or not to be, that is the question.\n"[i % 43])]);
        TrainOptions options =
            new() { Data = [folder["text.txt"]], Microbatches = 2, Batch = 4, Seq = 16, LearningRate = 3e-3, Threads = 2 };
        TrainingData data = TrainingData.Load(options.Data, options.Seq);
        using StringWriter output = new(), error = new();
        using DemoComparison comparison = DemoComparison.Run(options, data, 0.1, new Terminal(output, error), default);
        DemoSummary summary = DemoFolder.Write(new RunFolder(folder.Root), comparison, data);
        Assert.That(summary.IdenticalBits, Is.True);
        Assert.That(summary.TwoStageSpeedupTheory, Is.EqualTo(9.0 / 7).Within(1e-9));
        Assert.That(summary.TwoStageSpeedup, Is.GreaterThan(0));
        Assert.That(summary.HeldOutLossLast, Is.LessThan(summary.HeldOutLossFirst));
        Assert.That(summary.Files.Values, Is.All.Exist);
        Assert.That(summary.CoreShare, Is.GreaterThan(0).And.AtMost(1));
        foreach (string note in summary.Notes)
            Assert.That(File.ReadAllText(folder["timelines.html"]), Does.Contain($"<p class=\"warning\">{note}</p>"));
        Assert.That(
            JsonDocument.Parse(File.ReadAllText(folder["summary.json"])).RootElement
                .GetProperty("identicalBits").GetBoolean(),
            Is.True);
        Assert.That(error.ToString(), Does.Contain("held-out loss"));
    }
}
