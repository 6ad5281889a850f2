using System.Diagnostics;
using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

[Parallelizable]
public sealed class ThisProgramTests
{
    [TestCase("run/2026-11-30", "run/2026-11-30")]
    [TestCase("my run", "'my run'")]
    [TestCase("it's", @"'it'\''s'")]
    [TestCase("$HOME;ls", "'$HOME;ls'")]
    [TestCase("", "''")]
    [TestCase("two\nlines", "'two\nlines'")]
    [Platform(Exclude = "Win", Reason = "other quotes there")]
    public void Words_are_quoted_where_a_shell_would_take_them_apart(string word, string quoted) =>
        Assert.That(ThisProgram.Quoted(word), Is.EqualTo(quoted));

    [Test]
    [Platform(Exclude = "Win", Reason = "pasted into a shell of Unix")]
    public void What_train_says_for_sampling_can_be_pasted_into_a_shell_in_any_folder()
    {
        using TemporaryFolder folder = new();
        string run = folder["it's $HOME, \"my\" run"];
        folder.Write("text.txt", [.. Enumerable.Repeat((byte)'a', 600)]);
        CommandLine trained = CommandLine.Run("train", "--out", run, "--data", folder["text.txt"], "--steps", "1", "--batch", "2",
            "--seq", "8", "--microbatches", "2", "--threads", "1");
        string line = trained.Out.Split("Sample it:\n")[1].Trim();
        (int code, string output) = Shell($"{line} --tokens 3 --prompt pasted", Path.GetTempPath());
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.StartWith("pasted"));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "called by a shell of Unix")]
    public void Profile_needs_neither_the_repository_nor_data()
    {
        using TemporaryFolder folder = new();
        (int code, string output) = Shell(ThisProgram.Line("profile", "--steps", "1", "--batch", "1", "--microbatches", "1",
            "--seq", "4", "--threads", "1", "--json"), folder.Root);
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Contain("\"forward\":["));
    }

    private static (int Code, string Output) Shell(string line, string folder)
    {
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"{line} 2>&1"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        })!;
        string output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return (shell.ExitCode, output);
    }
}
