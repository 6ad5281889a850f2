using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

[Parallelizable]
public sealed class TrainInterruptTests
{
    [TestCase(0)]
    [TestCase(3)]
    [TestCase(9)]
    public void A_step_that_was_given_up_leaves_no_trace_in_the_bits(int milliseconds)
    {
        using TemporaryFolder folder = new();
        CommandLine whole = CommandLine.Train(folder, "whole", "--steps", "30");
        using CancellationTokenSource interrupt = new();
        using StringWriter output = new();
        using Watched error = new("1/30", () =>
        {
            if (milliseconds == 0) interrupt.Cancel();
            else interrupt.CancelAfter(milliseconds);
        });
        string[] line = ["train", "--data", folder["text.txt"], "--out", folder["part"], "--steps", "30", "--batch", "4",
            "--seq", "8", "--microbatches", "2", "--threads", "1"];
        ExitCode code = Application.Run(line, new Terminal(output, error), new Interruption(interrupt.Token));
        Assert.That(code, Is.EqualTo(ExitCode.Interrupted), error.ToString());
        Assert.That(Checkpoint.ReadState(folder["part/checkpoint.safetensors"]).Step, Is.InRange(1, 29));
        CommandLine resumed = CommandLine.Train(folder, "part", "--steps", "30", "--resume");
        Assert.That(resumed.Hash, Is.EqualTo(whole.Hash));
        Assert.That(File.ReadAllLines(folder["part/loss.csv"]), Has.Length.EqualTo(32));
    }

    /// <summary>Calls back when a text is written.</summary>
    private sealed class Watched(string text, System.Action seen) : StringWriter
    {
        public override void Write(ReadOnlySpan<char> buffer)
        {
            base.Write(buffer);
            if (buffer.Contains(text, StringComparison.Ordinal)) seen();
        }
    }
}
