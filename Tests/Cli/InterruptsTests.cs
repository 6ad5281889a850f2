using System.Diagnostics;
using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

/// <summary>Signals, seen from outside.</summary>
[Parallelizable]
public sealed class InterruptsTests
{
    [TestCase("INT", "schedule", "simulate", "--schedule")]
    [TestCase("TERM", "train", "--data")]
    public void The_first_signal_ends_a_command_that_waits_for_a_pipe(string signal, params string[] command)
    {
        using TemporaryFolder folder = new();
        Pipe(folder["pipe.csv"]);
        using ToolProcess tool = ToolProcess.Start("", [.. command, folder["pipe.csv"]]);
        tool.AwaitListening();
        tool.Signal(signal);
        CommandLine call = tool.End();
        Assert.That(call.Code, Is.EqualTo(ExitCode.Interrupted), call.Error);
        Assert.That(call.Error, Does.Contain("Interrupted."));
    }

    [Test]
    public void A_hangup_saves_a_run_that_goes_on_later()
    {
        using TemporaryFolder folder = new();
        string[] options = ["train", "--data", folder.Write("text.txt", [.. Enumerable.Repeat((byte)'a', 600)]),
            "--out", folder["run"], "--batch", "4", "--seq", "8", "--threads", "1", "--checkpoint-every", "1000000"];
        using ToolProcess tool = ToolProcess.Start($"2>{folder["said"]}", [.. options, "--steps", "1000000"]);
        tool.Await(() => File.Exists(folder["said"]) && File.ReadAllText(folder["said"]).Contains(
            "train gpt-nano 0/1000000", StringComparison.Ordinal)); // said before the first step
        tool.Signal("HUP");
        Assert.That(tool.End().Code, Is.EqualTo(ExitCode.Interrupted), File.ReadAllText(folder["said"]));
        int step = Checkpoint.ReadState(folder["run/checkpoint.safetensors"]).Step;
        CommandLine more = CommandLine.Run([.. options, "--steps", "1000000", "--stop-at", $"{step + 1}", "--resume"]);
        Assert.That(more.Code, Is.EqualTo(ExitCode.Ok), more.Error);
    }

    [Test]
    public void A_hangup_that_nohup_asked_to_ignore_is_ignored()
    {
        using TemporaryFolder folder = new();
        Pipe(folder["pipe.csv"]);
        using ToolProcess tool =
            ToolProcess.By("trap '' HUP; exec \"$@\"", ["schedule", "validate", "--file", folder["pipe.csv"]]);
        // Opens once the tool reads; shared, or whichever comes second finds it locked.
        using (StreamWriter writer = new(File.Open(folder["pipe.csv"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite)))
        {
            tool.Signal("HUP");
            writer.Write("0F0,0B0\n");
        }
        Assert.That(tool.End().Code, Is.EqualTo(ExitCode.Ok));
    }

    private static void Pipe(string path)
    {
        using Process make = Process.Start("mkfifo", [path]);
        make.WaitForExit();
    }
}
