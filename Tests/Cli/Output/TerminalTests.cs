using System.Text;
using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

/// <summary>Streams that cannot be written: a full disk, a closed stderr, a reader that went away.</summary>
[Parallelizable]
public sealed class TerminalTests
{
    private static readonly string[] Results = ["checkpoint.safetensors", "loss.csv", "loss.svg", "summary.json"];

    [Test]
    public void Without_anybody_to_tell_a_run_saves_all_the_same()
    {
        using TemporaryFolder folder = new();
        using StringWriter output = new();
        using FullWriter error = new();
        Assert.That(Run(output, error, Train(folder)), Is.EqualTo(ExitCode.Ok));
        Assert.That(Results.Select(name => folder[$"run/{name}"]), Is.All.Exist);
        Assert.That(error.Refused, Is.EqualTo(1), "after the first failure nothing is tried again");
    }

    [Test]
    public void Results_that_cannot_be_printed_are_an_error_after_all_is_saved()
    {
        using TemporaryFolder folder = new();
        using StringWriter error = new();
        using FullWriter output = new();
        Assert.That(Run(output, error, Train(folder)), Is.EqualTo(ExitCode.Data));
        Assert.That(error.ToString(), Does.Contain("cannot be printed: no room"));
        Assert.That(Results.Select(name => folder[$"run/{name}"]), Is.All.Exist);
    }

    [TestCase("schedule list", ExitCode.Data)]
    [TestCase("schedule show --stages 2", ExitCode.Data)]
    [TestCase("gradcheck --op Relu --json", ExitCode.Data)]
    [TestCase("doctor", ExitCode.Data)]
    [TestCase("--help", ExitCode.Data)]
    [TestCase("train --steps 0", ExitCode.Usage)]
    [TestCase("nonsense", ExitCode.Usage)]
    public void With_both_streams_gone_the_exit_code_is_still_told(string line, object code)
    {
        using FullWriter output = new(), error = new();
        Assert.That(Run(output, error, line.Split(' ')), Is.EqualTo(code));
    }

    [TestCase("2>/dev/full", ExitCode.Ok)]
    [TestCase("2>&-", ExitCode.Ok)]
    [TestCase(">/dev/full", ExitCode.Data)]
    public void A_process_with_a_stream_that_fails_saves_and_ends(string redirection, object code)
    {
        if (!File.Exists("/dev/full")) Assert.Ignore("there is no /dev/full here");
        using TemporaryFolder folder = new();
        CommandLine call = ToolProcess.Run(redirection, Train(folder));
        Assert.That(call.Code, Is.EqualTo(code), call.Error);
        Assert.That(Results.Select(name => folder[$"run/{name}"]), Is.All.Exist);
    }

    private static string[] Train(TemporaryFolder folder) =>
        ["train", "--data", folder.Write("text.txt", [.. Enumerable.Repeat((byte)'a', 600)]), "--out", folder["run"],
            "--steps", "2", "--batch", "4", "--seq", "8", "--threads", "1"];

    private static ExitCode Run(TextWriter output, TextWriter error, string[] args) =>
        Application.Run(args, new Terminal(output, error));

    /// <summary>A stream on a full disk.</summary>
    private sealed class FullWriter : TextWriter
    {
        public int Refused { get; private set; }

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            Refused++;
            throw new IOException("no room");
        }

        public override void Write(ReadOnlySpan<char> buffer) => Write('x');

        public override void Flush() => Write('x');
    }
}
