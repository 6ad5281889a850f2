using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

/// <summary>Bad input gets its exit code, its reason and one hint, and leaves no file.</summary>
public sealed class ScheduleErrorTests
{
    [TestCase("simulate --schedule 2f2b", "known schedules: naive, gpipe", ExitCode.Usage)]
    [TestCase("simulate --schedule missing.csv", "missing.csv cannot be read", ExitCode.Data)]
    [TestCase("simulate --schedule no/such/file", "cannot be read", ExitCode.Data)]
    [TestCase("simulate --schedule text.csv", "row 1, cell 1", ExitCode.Data)]
    [TestCase("simulate --schedule binary.csv", "is not text", ExitCode.Data)]
    [TestCase("simulate --schedule empty.csv", "holds no action", ExitCode.Data)]
    [TestCase("simulate --schedule illegal.csv", "[0B0] 0F0  <- needs 0F0", ExitCode.Data)]
    [TestCase("simulate --schedule legal.csv --stages 3", "has 1 ranks", ExitCode.Usage)]
    [TestCase("simulate --schedule legal.csv --chunks 3", "leave --chunks out", ExitCode.Usage)]
    [TestCase("simulate --stages 0", "0 ranks", ExitCode.Usage)]
    [TestCase("simulate --stages 2000000000", "cells", ExitCode.Usage)]
    [TestCase("simulate --microbatches -1", "-1 microbatches", ExitCode.Usage)]
    [TestCase("simulate --schedule gpipe --chunks 2", "2 stages per rank", ExitCode.Usage)]
    [TestCase("simulate --costs 1,2", "has 2 numbers", ExitCode.Usage)]
    [TestCase("simulate --costs 1,x,1", "'x' is no time", ExitCode.Usage)]
    [TestCase("simulate --costs 1,-1,1", "'-1' is no time", ExitCode.Usage)]
    [TestCase("simulate --costs NaN,1,1", "'NaN' is no time", ExitCode.Usage)]
    [TestCase("simulate --costs 1,1,1;1,1,1", "2 triples", ExitCode.Usage)]
    [TestCase("simulate --costs @missing.json", "cannot be read", ExitCode.Data)]
    [TestCase("simulate --costs @text.csv", "holds no costs", ExitCode.Data)]
    [TestCase("simulate --comm -1", "--comm is -1", ExitCode.Usage)]
    [TestCase("simulate --two-stage maybe", "off, end, fill or eager", ExitCode.Usage)]
    [TestCase("simulate --memory-cap 4", "--two-stage fill", ExitCode.Usage)]
    [TestCase("simulate --two-stage fill --memory-cap 0", "memory cap is 0", ExitCode.Usage)]
    [TestCase("simulate --svg no/such/folder/a.svg", "cannot be written", ExitCode.Data)]
    [TestCase("validate --file text.csv --json", "row 1, cell 1", ExitCode.Data)]
    [TestCase("validate --file legal.csv --schedule gpipe", "give one of them", ExitCode.Usage)]
    [TestCase("optimize --schedule pipedream-2bw", "does not move", ExitCode.Usage)]
    [TestCase("compare text.json", "text.json holds no timeline", ExitCode.Data)]
    [TestCase("compare missing.json", "cannot be read", ExitCode.Data)]
    [TestCase("compare summary.json", "'traceEvents' is missing", ExitCode.Data)]
    [TestCase("compare folder.json", "is a folder, and a file is needed", ExitCode.Data)]
    [TestCase("compare run.folder.csv/", "timeline.json", ExitCode.Data)]
    [TestCase("simulate --schedule folder.json", "is a folder", ExitCode.Data)]
    [TestCase("simulate --costs @folder.json", "is a folder", ExitCode.Data)]
    [TestCase("validate --file folder.json", "is a folder", ExitCode.Data)]
    [TestCase("simulate --svg folder.json", "is a folder", ExitCode.Data)]
    public void Bad_input(string line, string says, object code)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["text.csv"], "hello, world\n");
        File.WriteAllText(folder["text.json"], "hello, world\n");
        File.WriteAllText(folder["binary.csv"], "0F0\0\n");
        File.WriteAllText(folder["empty.csv"], "\n");
        File.WriteAllText(folder["legal.csv"], "0F0,0B0\n");
        File.WriteAllText(folder["illegal.csv"], "0B0,0F0\n");
        File.WriteAllText(folder["summary.json"], """{"steps":3,"files":{"trace":"timeline.json"}}""");
        Directory.CreateDirectory(folder["folder.json"]);
        folder.Write("run.folder.csv/timeline.json", new byte[1]);
        string[] words = [.. line.Split(' ').Select(InFolder)];
        CommandLine call = CommandLine.Run(["schedule", .. words]);
        Assert.That(call.Code, Is.EqualTo(code), call.Error);
        Assert.That(call.Error, Does.Contain(says).And.Contain("Hint:"));
        Assert.That(call.Error.Split("Hint:"), Has.Length.EqualTo(2), call.Error);
        Assert.That(call.Out, Is.Empty);

        string InFolder(string word) => word.StartsWith('@') ? "@" + folder[word[1..]]
            : word.Contains(".csv", StringComparison.Ordinal) || word.Contains(".json", StringComparison.Ordinal) ? folder[word]
            : word;
    }

    [Test]
    public void A_mistyped_command_gets_its_near_name()
    {
        CommandLine call = CommandLine.Run("schedule", "simulat");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Does.Contain("did you mean simulate?"));
    }
}
