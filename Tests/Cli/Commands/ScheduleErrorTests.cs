using AutogradCore.Cli;
using AutogradCore.Pipeline;
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
    [TestCase("simulate --two-stage fill --memory-cap -2mb", "memory cap is -2mb", ExitCode.Usage)]
    [TestCase("simulate --two-stage fill --memory-cap 0.9mb", "one microbatch on one stage holds 1mb", ExitCode.Usage)]
    [TestCase("simulate --two-stage fill --memory-cap lots", "no amount of memory", ExitCode.Usage)]
    [TestCase("simulate --two-stage fill --memory-cap 3Mb", "may be microbatches or megabytes", ExitCode.Usage)]
    [TestCase("simulate --two-stage fill --memory-cap 3XB", "the unit 'XB' is unknown", ExitCode.Usage)]
    [TestCase("optimize --memory-cap 16GB", "the costs count microbatches", ExitCode.Usage)]
    [TestCase("convert --two-stage fill --memory-cap 16GiB", "the costs count microbatches", ExitCode.Usage)]
    [TestCase("compare 1f1b:fill --memory-cap 512MiB", "the costs count microbatches", ExitCode.Usage)]
    [TestCase("optimize --costs @bytes.json --memory-cap 4", "has no unit", ExitCode.Usage)]
    [TestCase("show --two-stage fill --costs @bytes.json --memory-cap 4", "has no unit", ExitCode.Usage)]
    [TestCase("optimize --costs @bytes.json --memory-cap 99999999TiB", "The memory cap is", ExitCode.Usage)]
    [TestCase("simulate --svg no/such/folder/a.svg", "cannot be written", ExitCode.Data)]
    [TestCase("simulate --costs @", "--costs @ names no file", ExitCode.Usage)]
    [TestCase("simulate --costs 1e308,1,1 --json", "F of stage 0 takes 1E+308", ExitCode.Usage)]
    [TestCase("simulate --comm 1e308 --json", "latency of link 0 is 1E+308", ExitCode.Usage)]
    [TestCase("simulate --costs 1e-320,1,1", "takes 1E-320", ExitCode.Usage)]
    [TestCase("simulate --costs @costs.json", "holds no costs: links[0] has the unknown key 'bandwith'", ExitCode.Data)]
    [TestCase("compare 1f1b legal.csv illegal.csv", "illegal.csv: rank 0, step 0: 0B0 runs before 0F0", ExitCode.Data)]
    [TestCase("compare 1f1b illegal.csv:fill", "illegal.csv: rank 0, step 0: 0B0 runs before 0F0", ExitCode.Data)]
    [TestCase("compare legal.csv stray.csv", "stray.csv: rank 0, step 1: 0SEND_F0 has no partner", ExitCode.Data)]
    [TestCase("optimize --schedule stray.csv", "stray.csv: rank 0, step 1: 0SEND_F0 has no partner", ExitCode.Data)]
    [TestCase("convert --schedule stray.csv --transfers remove", "[0SEND_F0]", ExitCode.Data)]
    [TestCase("show --schedule stray.csv", "[0SEND_F0]", ExitCode.Data)]
    [TestCase("simulate --schedule holes.csv", "holes.csv: holes.csv", ExitCode.Data)]
    [TestCase("compare ranks.json", "has 2000000000 ranks and names 0 of them", ExitCode.Data)]
    [TestCase("validate --file text.csv --json", "row 1, cell 1", ExitCode.Data)]
    [TestCase("validate --file legal.csv --schedule gpipe", "give one of them", ExitCode.Usage)]
    [TestCase("optimize --schedule pipedream-2bw", "does not move", ExitCode.Usage)]
    [TestCase("compare text.json", "text.json holds no timeline", ExitCode.Data)]
    [TestCase("compare missing.json", "cannot be read", ExitCode.Data)]
    [TestCase("compare summary.json", "has no 'traceEvents'", ExitCode.Data)]
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
        File.WriteAllText(folder["stray.csv"], "0F0,0SEND_F0,0B0\n");
        File.WriteAllText(folder["holes.csv"], "0F0,0B0,2000000000F2000000000\n");
        File.WriteAllText(folder["costs.json"], """
            {"forward":[1,1],"inputs":[1,1],"weights":[1,1],"links":[{"latency":1,"bandwith":2}]}
            """);
        File.WriteAllText(folder["ranks.json"], """
            {"traceEvents":[{"name":"process_name","ph":"M","pid":0,"args":{"name":"a","ranks":2000000000,"unit":"Units"}}]}
            """);
        File.WriteAllText(folder["bytes.json"], CostFile.Write(StageCosts.Uniform(4) with
        {
            Memory = [.. Enumerable.Repeat(new StageMemory(100, 50, 1000), 4)],
        }));
        File.WriteAllText(folder["summary.json"], """{"steps":3,"files":{"trace":"timeline.json"}}""");
        Directory.CreateDirectory(folder["folder.json"]);
        folder.Write("run.folder.csv/timeline.json", new byte[1]);
        string[] words = [.. line.Split(' ').Select(InFolder)];
        CommandLine call = CommandLine.Run(["schedule", .. words]);
        Assert.That(call.Code, Is.EqualTo(code), call.Error);
        Assert.That(call.Error, Does.Contain(says).And.Contain("Hint:"));
        Assert.That(call.Error.Split("Hint:"), Has.Length.EqualTo(2), call.Error);
        Assert.That(call.Out, Is.Empty);

        string InFolder(string word) => word.Length > 1 && word.StartsWith('@') ? "@" + folder[word[1..]]
            : word.Contains(".csv", StringComparison.Ordinal) || word.Contains(".json", StringComparison.Ordinal) ? folder[word]
            : word;
    }

    [Test]
    public void Train_refuses_a_transfer_that_cannot_be_before_its_first_step()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["bad.csv"], "0F0,0SEND_F0,0RECV_B0,0B0\n1RECV_F0,1F0,1SEND_F0,1B0,1SEND_B0\n");
        CommandLine call = CommandLine.Train(folder, "run", "--schedule", folder["bad.csv"], "--microbatches", "1");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Data), call.Error);
        Assert.That(call.Error, Does.Contain("bad.csv: rank 1, step 2: 1SEND_F0 has no partner").And.Contain("[1SEND_F0]"));
        Assert.That(Directory.Exists(folder["run"]), Is.False);
    }

    [Test]
    public void A_misuse_is_answered_with_the_command_in_the_order_in_which_it_is_typed() =>
        Assert.That(CommandLine.Run("schedule", "simulate", "--nonsense").Error,
            Does.Contain("Run with schedule simulate --help for all options."));

    [Test]
    public void A_mistyped_command_gets_its_near_name()
    {
        CommandLine call = CommandLine.Run("schedule", "simulat");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(call.Error, Does.Contain("did you mean simulate?"));
    }
}
