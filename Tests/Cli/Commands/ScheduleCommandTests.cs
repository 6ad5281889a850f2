using System.Text.Json;
using AutogradCore.Cli;
using AutogradCore.Pipeline;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class ScheduleCommandTests
{
    private const string Legal = "0F0,0F1,0B0,0B1\n1F0,1B0,1F1,1B1\n";

    [Test]
    public void List_names_every_schedule()
    {
        JsonElement[] all = [.. CommandLine.Run("schedule", "list", "--json").Json.GetProperty("schedules").EnumerateArray()];
        Assert.That(all.Select(s => s.GetProperty("name").GetString()), Is.EqualTo(Schedules.Names));
        Assert.That(CommandLine.Run("schedule", "list").Out, Does.Contain("dualpipe-v").And.Contain("arXiv 2401.10241"));
    }

    [TestCase("1f1b", "off", 33, 9 / 33.0, new[] { 9.0, 9, 9, 9 }, new[] { 4, 3, 2, 1 }, new[] { 0, 0, 0, 0 })]
    [TestCase("1f1b", "fill", 27, 1 / 9.0, new[] { 3.0, 3, 3, 3 }, new[] { 4, 3, 2, 1 }, new[] { 5, 6, 7, 8 })]
    [TestCase("gpipe", "end", 30, 0.2, new[] { 6.0, 6, 6, 6 }, new[] { 8, 8, 8, 8 }, new[] { 8, 8, 8, 8 })]
    [TestCase("zb-h1", "off", 27, 1 / 9.0, new[] { 3.0, 3, 3, 3 }, new[] { 4, 3, 2, 1 }, new[] { 1, 2, 3, 4 })]
    public void Simulate_prints_one_object(
        string name, string twoStage, double makespan, double bubble, double[] idle, int[] activations, int[] deferred)
    {
        JsonElement json = CommandLine.Run("schedule", "simulate", "--schedule", name, "--stages", "4", "--microbatches", "8",
            "--costs", "1,1,1", "--comm", "0", "--two-stage", twoStage, "--json").Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(json.GetProperty("makespan").GetDouble(), Is.EqualTo(makespan));
            Assert.That(json.GetProperty("bubbleRatio").GetDouble(), Is.EqualTo(bubble).Within(1e-12));
            Assert.That(json.GetProperty("idle").Deserialize<double[]>(), Is.EqualTo(idle));
            Assert.That(json.GetProperty("peakActivations").Deserialize<int[]>(), Is.EqualTo(activations));
            Assert.That(json.GetProperty("peakDeferred").Deserialize<int[]>(), Is.EqualTo(deferred));
        }
    }

    [Test]
    public void Costs_may_differ_by_stage_or_come_from_a_file_and_transfers_take_time()
    {
        using TemporaryFolder folder = new();
        string[] call = ["schedule", "simulate", "--schedule", "gpipe", "--stages", "2", "--microbatches", "1", "--json"];
        double Makespan(params string[] more)
        {
            CommandLine line = CommandLine.Run([.. call, .. more]);
            Assert.That(line.Code, Is.EqualTo(ExitCode.Ok), line.Error);
            return line.Json.GetProperty("makespan").GetDouble();
        }
        StageCosts costs = new([1, 2], [3, 4], [5, 6], [new Link(0.5)], TimeUnit.Seconds);
        File.WriteAllText(folder["costs.json"], CostFile.Write(costs));
        Assert.That(Makespan("--costs", "1,3,5;2,4,6"), Is.EqualTo(21));
        Assert.That(Makespan("--costs", "1,3,5;2,4,6", "--comm", "0.5"), Is.EqualTo(22));
        Assert.That(Makespan("--costs", "@" + folder["costs.json"]), Is.EqualTo(22));
        Assert.That(Makespan("--costs", "@" + folder["costs.json"], "--comm", "2"), Is.EqualTo(25));
    }

    [Test]
    public void Chunks_make_more_stages_per_rank_and_a_cap_holds_the_deferred_work_down()
    {
        JsonElement chunks = CommandLine.Run("schedule", "simulate", "--schedule", "interleaved-1f1b", "--stages", "2",
            "--microbatches", "4", "--chunks", "3", "--json").Json;
        Assert.That((chunks.GetProperty("ranks").GetInt32(), chunks.GetProperty("stages").GetInt32()), Is.EqualTo((2, 6)));
        JsonElement capped = CommandLine.Run("schedule", "simulate", "--two-stage", "fill", "--memory-cap", "4", "--json").Json;
        Assert.That(capped.GetProperty("peakHeld").Deserialize<int[]>(), Is.All.LessThanOrEqualTo(4));
    }

    [Test]
    public void Simulate_draws_for_people_and_writes_pictures()
    {
        using TemporaryFolder folder = new();
        CommandLine call = CommandLine.Run("schedule", "simulate", "--stages", "2", "--microbatches", "2",
            "--svg", folder["a.svg"], "--trace", folder["a.json"], "--html", folder["a.html"]);
        Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
        Assert.That(call.Out, Does.Contain("1f1b: 2 ranks, 2 stages, 2 microbatches: makespan 9, bubble 33.3 %"));
        Assert.That(call.Out, Does.Match(@"rank 0  F0=+F1=+\.+B0=+\.+B1=+\n").And.Match(@"rank 1  \.+F0=+B0=+F1=+B1=+\.+\n"));
        Assert.That(File.ReadAllText(folder["a.svg"]), Does.StartWith("<svg"));
        Assert.That(File.ReadAllText(folder["a.html"]), Does.Contain("<html"));
        Assert.That(ChromeTrace.FromJson(File.ReadAllText(folder["a.json"])).Single().Makespan, Is.EqualTo(9));
    }

    [Test]
    public void Show_prints_the_grid_and_writes_csv()
    {
        using TemporaryFolder folder = new();
        CommandLine call = CommandLine.Run(
            "schedule", "show", "--stages", "2", "--microbatches", "2", "--csv", folder["a.csv"], "--svg", folder["a.svg"]);
        Assert.That(call.Out.ReplaceLineEndings("\n"), Does.EndWith("rank 0  0F0  0F1  0B0  0B1\nrank 1  1F0  1B0  1F1  1B1\n"));
        Assert.That(File.ReadAllText(folder["a.csv"]), Is.EqualTo(Legal));
        Assert.That(File.Exists(folder["a.svg"]));
        JsonElement json = CommandLine.Run("schedule", "show", "--schedule", folder["a.csv"], "--json").Json;
        Assert.That(json.GetProperty("actions")[1][2].GetString(), Is.EqualTo("1F1"));
    }

    [Test]
    public void The_objects_of_show_and_convert_hold_the_schedule_whole()
    {
        using TemporaryFolder folder = new();
        const string text = "0F0,(0F1;0B0)OVERLAP_F_B,0B1\n,\n";
        File.WriteAllText(folder["a \"b\".csv"], text);
        JsonElement shown = CommandLine.Run("schedule", "show", "--schedule", folder["a \"b\".csv"], "--json").Json;
        Assert.That(shown.GetProperty("schedule").GetString(), Is.EqualTo("a \"b\".csv"));
        Assert.That(shown.GetProperty("actions").EnumerateArray().Select(rank => rank.GetArrayLength()),
            Is.EqualTo(new[] { 4, 0 }));
        JsonElement converted = CommandLine.Run("schedule", "convert", "--schedule", folder["a \"b\".csv"], "--json").Json;
        Assert.That(converted.GetProperty("csv").GetString(), Is.EqualTo(text));
        Assert.That(converted.GetProperty("actions").GetInt32(), Is.EqualTo(4));
        Assert.That(CommandLine.Run("schedule", "convert", "--schedule", folder["a \"b\".csv"]).Out, Is.EqualTo(text));
    }

    [Test]
    public void Validate_says_what_is_wrong_where()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["a.csv"], Legal);
        CommandLine good = CommandLine.Run("schedule", "validate", "--file", folder["a.csv"], "--json");
        Assert.That((good.Code, good.Json.GetProperty("valid").GetBoolean()), Is.EqualTo((ExitCode.Ok, true)));

        File.WriteAllText(folder["a.csv"], Legal.Replace("1B0,1F1", "1F1", StringComparison.Ordinal));
        CommandLine bad = CommandLine.Run("schedule", "validate", "--file", folder["a.csv"], "--json");
        Assert.That(bad.Code, Is.EqualTo(ExitCode.CheckFailed));
        JsonElement json = bad.Json;
        Assert.That(json.GetProperty("valid").GetBoolean(), Is.False);
        Assert.That((json.GetProperty("rank").GetInt32(), json.GetProperty("step").GetInt32()), Is.EqualTo((0, 2)));
        Assert.That((json.GetProperty("action").GetString(), json.GetProperty("needs").GetString()), Is.EqualTo(("0B0", "1B0")));
        Assert.That(CommandLine.Run("schedule", "validate", "--file", folder["a.csv"]).Error,
            Does.Contain("[0B0] 0B1  <- needs 1B0"));
    }

    [Test]
    public void Validate_finds_deadlocks_without_buffers_on_request()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["a.csv"], "0F0,0SEND_F0,0F1,0SEND_F1,0RECV_B0,0B0,0RECV_B1,0B1\n"
            + "1RECV_F0,1F0,1B0,1SEND_B0,1RECV_F1,1F1,1B1,1SEND_B1\n");
        Assert.That(CommandLine.Run("schedule", "validate", "--file", folder["a.csv"]).Code, Is.EqualTo(ExitCode.Ok));
        CommandLine call = CommandLine.Run("schedule", "validate", "--file", folder["a.csv"], "--rendezvous", "--json");
        Assert.That(call.Code, Is.EqualTo(ExitCode.CheckFailed));
        Assert.That(call.Json.GetProperty("message").GetString(), Does.Contain("rank 1 stands at 1SEND_B0"));
    }

    [Test]
    public void Convert_splits_spells_out_and_comes_back()
    {
        using TemporaryFolder folder = new();
        CommandLine call = CommandLine.Run("schedule", "convert", "--schedule", "1f1b", "--stages", "2", "--microbatches", "2",
            "--two-stage", "eager", "--transfers", "insert", "--csv", folder["a.csv"]);
        Assert.That((call.Code, call.Out), Is.EqualTo((ExitCode.Ok, "")), call.Error);
        Assert.That(File.ReadAllText(folder["a.csv"]), Is.EqualTo(
            "0F0,0SEND_F0,0F1,0SEND_F1,0RECV_B0,0I0,0W0,0RECV_B1,0I1,0W1\n"
            + "1RECV_F0,1F0,1RECV_F1,1I0,1SEND_B0,1W0,1F1,1I1,1SEND_B1,1W1\n"));
        CommandLine.Run("schedule", "convert", "--schedule", folder["a.csv"], "--transfers", "remove", "--csv", folder["b.csv"]);
        CommandLine fused = CommandLine.Run("schedule", "convert", "--schedule", folder["b.csv"], "--fuse");
        Assert.That(fused.Out, Is.EqualTo(Legal));
        CommandLine reordered = CommandLine.Run("schedule", "convert", "--schedule", folder["a.csv"], "--transfers", "reorder",
            "--comm", "2", "--json");
        Assert.That(Schedule.FromCsv(reordered.Json.GetProperty("csv").GetString()!).Count, Is.EqualTo(20));
    }

    [Test]
    public void Optimize_tells_makespan_bound_and_gap_and_writes_the_schedule()
    {
        using TemporaryFolder folder = new();
        CommandLine call = CommandLine.Run("schedule", "optimize", "--stages", "2", "--microbatches", "3", "--costs", "1,1.3,0.7",
            "--memory-cap", "3", "--moves", "500", "--csv", folder["a.csv"], "--json");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
        double makespan = call.Json.GetProperty("makespan").GetDouble(), bound = call.Json.GetProperty("bound").GetDouble();
        Assert.That(call.Json.GetProperty("gap").GetDouble(), Is.EqualTo(makespan / bound - 1).Within(1e-12));
        JsonElement again = CommandLine.Run(
            "schedule", "simulate", "--schedule", folder["a.csv"], "--costs", "1,1.3,0.7", "--json").Json;
        Assert.That(again.GetProperty("makespan").GetDouble(), Is.EqualTo(makespan));
        Assert.That(again.GetProperty("peakHeld").Deserialize<int[]>(), Is.All.LessThanOrEqualTo(3));
    }

    [Test]
    public void Compare_lays_names_files_and_traces_side_by_side()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["a.csv"], Legal);
        CommandLine.Run("schedule", "simulate", "--schedule", "zb-h1", "--trace", folder["a.json"]);
        CommandLine call = CommandLine.Run("schedule", "compare", "1f1b", "1f1b:fill", folder["a.csv"], folder["a.json"],
            "--stages", "4", "--microbatches", "8", "--html", folder["a.html"], "--json");
        Assert.That(call.Code, Is.EqualTo(ExitCode.Ok), call.Error);
        JsonElement rows = call.Json.GetProperty("timelines");
        Assert.That(rows.EnumerateArray().Select(r => r.GetProperty("makespan").GetDouble()),
            Is.EqualTo(new[] { 33.0, 27, 9, 27 }));
        Assert.That(File.ReadAllText(folder["a.html"]), Does.Contain("1f1b:fill"));
        Assert.That(CommandLine.Run("schedule", "compare", "1f1b", "gpipe").Out, Does.Contain("makespan").And.Contain("27.3 %"));
    }

    [Test]
    public void The_table_in_the_docs_is_what_the_command_prints() =>
        Assert.That(
            File.ReadAllText(Path.Combine(Repository.Root, "docs", "schedule-table.md")).ReplaceLineEndings("\n"),
            Is.EqualTo(CommandLine.Run("schedule", "list", "--table").Out),
            "regenerate it: ./build.sh run -- schedule list --table > docs/schedule-table.md");
}
