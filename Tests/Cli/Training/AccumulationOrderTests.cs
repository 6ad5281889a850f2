using AutogradCore.Cli;
using AutogradCore.Pipeline;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class AccumulationOrderTests
{
    private const string Ascending = "0F0,0F1,0B0,0B1\n1F0,1F1,1B0,1B1\n";
    private const string Descending = "0F0,0F1,0B1,0B0\n1F0,1F1,1B1,1B0\n";
    private const string SplitDescending = "0F0,0F1,0I0,0I1,0W1,0W0\n1F0,1F1,1I0,1I1,1W1,1W0\n";
    private const string Mixed = "0F0,0F1,0I0,0I1,0W1,0W0\n1F0,1F1,1B0,1B1\n";

    private static IEnumerable<string> Flushing => Schedules.All.Where(info => info.Flushes).Select(info => info.Name);

    [Test]
    public void Every_built_in_schedule_with_a_flush_is_ascending(
        [ValueSource(nameof(Flushing))] string name) =>
        Assert.That(AccumulationOrder.Of(Schedules.Create(name, 2, 4)), Is.EqualTo(AccumulationOrder.Ascending));

    [Test]
    public void Orders_tell_schedules_apart_by_what_they_add_when_alone()
    {
        string descending = Of(Descending), mixed = Of(Mixed);
        Assert.That(Of(Ascending), Is.EqualTo(AccumulationOrder.Ascending));
        Assert.That(Of(SplitDescending), Is.EqualTo(descending).And.Not.EqualTo(AccumulationOrder.Ascending));
        Assert.That(Of("0F0,0F1,0B1,0B0\n"), Is.EqualTo(descending), "the same for every stage, so for any number of them");
        Assert.That(mixed, Is.Not.EqualTo(descending).And.Not.EqualTo(AccumulationOrder.Ascending));
    }

    [Test]
    public void A_run_resumes_in_its_own_order_alone()
    {
        using TemporaryFolder folder = new();
        string up = Write(folder, "up.csv", Ascending), down = Write(folder, "down.csv", Descending);
        string split = Write(folder, "split.csv", SplitDescending);
        string whole = Train(folder, "whole", "--schedule", down, "--steps", "4").Hash;
        Assert.That(Train(folder, "part", "--schedule", down, "--steps", "4", "--stop-at", "2").Code, Is.EqualTo(ExitCode.Ok));
        CommandLine refused = Train(folder, "part", "--schedule", up, "--steps", "4", "--resume");
        Assert.That(refused.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(refused.Error, Does.Contain("another order").And.Contain("Hint: resume with the schedule"));
        CommandLine resumed = Train(folder, "part", "--schedule", split, "--steps", "4", "--resume");
        Assert.That((resumed.Code, resumed.Hash), Is.EqualTo((ExitCode.Ok, whole)), resumed.Error);
    }

    [Test]
    public void A_run_of_a_built_in_schedule_does_not_go_on_in_another_order()
    {
        using TemporaryFolder folder = new();
        string up = Write(folder, "up.csv", Ascending), down = Write(folder, "down.csv", Descending);
        string whole = Train(folder, "whole", "--schedule", "1f1b", "--steps", "4").Hash;
        Train(folder, "part", "--schedule", "1f1b", "--steps", "4", "--stop-at", "2");
        CommandLine refused = Train(folder, "part", "--schedule", down, "--steps", "4", "--resume");
        Assert.That((refused.Code, refused.Error.Contains("(ascending)")), Is.EqualTo((ExitCode.Usage, true)), refused.Error);
        Assert.That(Train(folder, "part", "--schedule", up, "--steps", "4", "--resume").Hash, Is.EqualTo(whole));
    }

    private static string Of(string csv) => AccumulationOrder.Of(Schedule.FromCsv(csv, "own"));

    private static string Write(TemporaryFolder folder, string name, string csv)
    {
        File.WriteAllText(folder[name], csv);
        return folder[name];
    }

    private static CommandLine Train(TemporaryFolder folder, string run, params string[] more) =>
        CommandLine.Train(folder, run, [.. more, "--microbatches", "2"]);
}
