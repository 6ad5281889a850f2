using AutogradCore.Cli;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

/// <summary>Training by a schedule from a file, whose W and B may stand in any legal order.</summary>
[Parallelizable]
public sealed class OwnScheduleTests
{
    private const string Descending = "0F0,0F1,0B1,0B0\n1F0,1F1,1B1,1B0\n";
    private const string SplitDescending = "0F0,0F1,0I0,0I1,0W1,0W0\n1F0,1F1,1B0,1B1\n";

    [TestCase(Descending, "a W before its turn", "no rank holds more")]
    [TestCase(SplitDescending, "a W before its turn", "no rank holds more")]
    public void The_bits_are_those_of_a_built_in_schedule_and_the_run_says_what_it_held_back(string csv, string says, string held)
    {
        using TemporaryFolder folder = new();
        string own = Write(folder, "own.csv", csv);
        CommandLine built = Train(folder, "built", "--schedule", "1f1b"), run = Train(folder, "run", "--schedule", own);
        Assert.That((run.Code, run.Hash), Is.EqualTo((ExitCode.Ok, built.Hash)), run.Error);
        Assert.That(run.Error, Does.Contain(says).IgnoreCase.And.Contain(held).And.Contain("own"));
        Assert.That(built.Error, Does.Not.Contain(says).IgnoreCase);
    }

    [Test]
    public void A_run_resumes_with_a_schedule_of_any_order_to_the_same_bits()
    {
        using TemporaryFolder folder = new();
        string down = Write(folder, "down.csv", Descending);
        string whole = Train(folder, "whole", "--schedule", "1f1b", "--steps", "4").Hash;
        Train(folder, "part", "--schedule", "1f1b", "--steps", "4", "--stop-at", "2");
        CommandLine resumed = Train(folder, "part", "--schedule", down, "--steps", "4", "--resume");
        Assert.That((resumed.Code, resumed.Hash), Is.EqualTo((ExitCode.Ok, whole)), resumed.Error);
    }

    private static string Write(TemporaryFolder folder, string name, string csv)
    {
        File.WriteAllText(folder[name], csv);
        return folder[name];
    }

    private static CommandLine Train(TemporaryFolder folder, string run, params string[] more) =>
        CommandLine.Train(folder, run, [.. more, "--microbatches", "2"]);
}
