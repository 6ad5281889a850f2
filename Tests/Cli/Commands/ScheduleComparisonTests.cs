using System.Text.Json;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

/// <summary>One model for all schedules: what simulate, compare and traces say agrees and compares.</summary>
public sealed class ScheduleComparisonTests
{
    [Test]
    public void Compare_cuts_one_model_for_all_schedules()
    {
        JsonElement json = CommandLine.Run(
            "schedule", "compare", "1f1b", "zb-v", "interleaved-1f1b", "--stages", "4", "--microbatches", "8", "--json").Json;
        JsonElement[] rows = [.. json.GetProperty("timelines").EnumerateArray()];
        double[] Column(string name) => [.. rows.Select(row => row.GetProperty(name).GetDouble())];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Column("makespan"), Is.EqualTo(new[] { 33, 25.5, 28.5 }));
            Assert.That(Column("peakHeld"), Is.EqualTo(new[] { 4, 4, 5.5 }));
            Assert.That(Column("stageShare"), Is.EqualTo(new[] { 1, 0.5, 0.5 }));
            Assert.That(rows.Select(row => row.GetProperty("costs").GetString()), Is.All.EqualTo("model"));
            Assert.That(json.GetProperty("notes")[0].GetString(), Does.Contain("equal share of its part"));
        }
    }

    [TestCase("1,1.3,0.7")]
    [TestCase("2,1,4")]
    public void Simulate_and_compare_and_the_trace_say_the_same(string costs)
    {
        using TemporaryFolder folder = new();
        foreach (string name in new[] { "zb-v", "v-half", "1f1b", "looped-bfs" })
        {
            string[] more = ["--stages", "4", "--microbatches", "8", "--costs", costs, "--json"];
            JsonElement simulated = CommandLine.Run(
                ["schedule", "simulate", "--schedule", name, "--trace", folder["a.json"], .. more]).Json;
            JsonElement rows = CommandLine.Run(["schedule", "compare", name, folder["a.json"], .. more]).Json;
            foreach (JsonElement row in rows.GetProperty("timelines").EnumerateArray())
            {
                Assert.That(row.GetProperty("makespan").GetDouble(), Is.EqualTo(simulated.GetProperty("makespan").GetDouble()));
                Assert.That(row.GetProperty("peakHeld").GetDouble(),
                    Is.EqualTo(simulated.GetProperty("peakHeld").Deserialize<double[]>()!.Max()));
            }
            Assert.That(rows.GetProperty("timelines")[1].GetProperty("costs").GetString(), Is.EqualTo("trace"));
            Assert.That(rows.GetProperty("notes").EnumerateArray().Last().GetString(), Does.Contain("times of their own"));
        }
    }

    [Test]
    public void Costs_stage_by_stage_are_taken_as_they_are_and_compare_says_so()
    {
        string[] sizes = ["--stages", "2", "--microbatches", "4", "--costs", "1,1,1;1,1,1;1,1,1;1,1,1"];
        Assert.That(CommandLine.Run(["schedule", "simulate", "--schedule", "zb-v", "--json", .. sizes])
            .Json.GetProperty("makespan").GetDouble(), Is.EqualTo(25));
        Assert.That(CommandLine.Run(["schedule", "compare", "zb-v", .. sizes]).Out, Does.Contain("stage by stage: zb-v."));
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["costs.json"], """{"unit":"seconds","forward":[1,1],"inputs":[1,1],"weights":[1,1]}""");
        CommandLine call = CommandLine.Run("schedule", "compare", "1f1b", "gpipe", "--stages", "2",
            "--costs", "@" + folder["costs.json"], "--json");
        Assert.That(call.Json.GetProperty("notes")[0].GetString(), Does.Contain("from a file: 1f1b, gpipe."));
        Assert.That(CommandLine.Run(["schedule", "simulate", "--schedule", "zb-v", .. sizes[..4]]).Out,
            Does.Contain("makespan 12.5").And.Contain("a stage is 0.5."));
    }

    [Test]
    public void A_file_takes_the_same_time_with_its_transfers_and_without()
    {
        using TemporaryFolder folder = new();
        foreach (string name in new[] { "1f1b", "zb-v", "dualpipe-v", "interleaved-1f1b" })
        {
            foreach (string transfers in new[] { "insert", "remove" })
                CommandLine.Run("schedule", "convert", "--schedule", name, "--stages", "3", "--microbatches", "6",
                    "--transfers", transfers, "--csv", folder[$"{transfers}.csv"]);
            JsonElement rows = CommandLine.Run("schedule", "compare", folder["insert.csv"], folder["remove.csv"],
                "--costs", "1,1.7,0.6", "--comm", "0.8", "--json").Json.GetProperty("timelines");
            Assert.That(rows[0].GetProperty("makespan").GetDouble(),
                Is.EqualTo(rows[1].GetProperty("makespan").GetDouble()), name);
            Assert.That(Makespan("insert", "--rendezvous"), Is.GreaterThan(Makespan("insert")), name);
        }

        double Makespan(string file, params string[] more) => CommandLine.Run(["schedule", "simulate", "--schedule",
            folder[$"{file}.csv"], "--comm", "0.8", "--json", .. more]).Json.GetProperty("makespan").GetDouble();
    }
}
