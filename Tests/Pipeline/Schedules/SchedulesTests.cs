using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class SchedulesTests
{
    private static readonly ActionKind[] Compute =
        [ActionKind.Forward, ActionKind.BackwardInputs, ActionKind.BackwardWeights, ActionKind.Backward];

    [Test]
    public void Every_generated_schedule_is_legal_and_runs_each_kind_in_microbatch_order(
        [ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name, [Range(1, 8)] int ranks)
    {
        foreach (var schedule in Catalogue.Sizes(name, ranks))
        {
            Assert.That(ScheduleValidator.Violations(schedule), Is.Empty, $"{schedule}\n{schedule.ToGrid()}");
            var work = schedule.Actions.SelectMany(list => list).Where(a => a.Kind.IsCompute());
            Assert.That(work.Sum(a => a.Kind == ActionKind.Backward ? 2 : 1),
                Is.EqualTo(3 * schedule.Stages * schedule.Microbatches), schedule.ToString());
            foreach (var (stage, kind) in from s in Enumerable.Range(0, schedule.Stages) from k in Compute select (s, k))
                Assert.That(
                    schedule[schedule.RankOf(stage)].Where(a => (a.Stage, a.Kind) == (stage, kind)).Select(a => a.Microbatch),
                    Is.Ordered, $"{schedule}: {kind} of stage {stage}");
        }
    }

    [Test]
    public void Stages_are_placed_in_a_line_a_loop_or_a_v([Range(1, 5)] int ranks)
    {
        foreach (var info in Schedules.All)
        {
            var schedule = Schedules.Create(info.Name, ranks, info.SingleMicrobatch ? 1 : 2 * ranks);
            Assert.That((schedule.Ranks, schedule.Stages), Is.EqualTo((ranks, ranks * info.DefaultChunks)), info.Name);
            for (var stage = 0; stage < schedule.Stages; stage++)
                Assert.That(schedule.RankOf(stage),
                    Is.EqualTo(info.ChoosesChunks || stage < ranks ? stage % ranks : 2 * ranks - 1 - stage), info.Name);
        }
    }

    [Test]
    public void The_table_describes_every_schedule()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Schedules.Names, Is.EqualTo(new[]
            {
                "naive", "gpipe", "1f1b", "pipedream-flush", "interleaved-1f1b", "looped-bfs", "zb-h1", "zb-h2", "zb-v", "v-half",
                "v-min", "dualpipe-v", "pipedream", "pipedream-2bw",
            }));
            foreach (var info in Schedules.All)
            {
                Assert.That(info.Summary, Is.Not.Empty.And.Not.EndsWith("."), info.Name);
                Assert.That(info.Source, Does.Contain("arXiv").Or.Contain("github.com"), info.Name);
                var updates = Schedules.Create(info.Name, 2, info.SingleMicrobatch ? 1 : 4)
                    .Actions.Any(list => list.Any(a => a.Kind == ActionKind.Update));
                Assert.That(info.Flushes, Is.Not.EqualTo(updates), info.Name);
            }
        }
    }

    [Test]
    public void The_documentation_lists_every_schedule([ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name)
    {
        var root = TestContext.CurrentContext.TestDirectory;
        while (!File.Exists(Path.Combine(root, "AutogradCore.sln")))
            root = Path.GetDirectoryName(root)!;
        Assert.That(File.ReadAllText(Path.Combine(root, "docs", "schedules.md")), Does.Contain($"`{name}`"));
    }

    [TestCase("gpipe", "M >= 1")]
    [TestCase("pipedream-2bw", "M >= N")]
    [TestCase("dualpipe-v", "M >= 2N")]
    [TestCase("pipedream", "M = 1")]
    public void What_a_schedule_takes_is_said_in_words_and_kept(string name, string words)
    {
        var info = Schedules.Info(name);
        Assert.That(info.Microbatches, Is.EqualTo(words));
        for (var microbatches = 1; microbatches <= 12; microbatches++)
            if (info.Takes(4, microbatches))
                Assert.That(Schedules.Create(name, 4, microbatches).Microbatches, Is.EqualTo(microbatches));
            else
                Assert.That(() => Schedules.Create(name, 4, microbatches),
                    Throws.TypeOf<ScheduleException>()
                        .With.Message.Contains($"{microbatches} microbatches").And.Message.Contains(words));
    }

    [Test]
    public void A_schedule_is_named_after_its_row([ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name) =>
        Assert.That(Schedules.Create(name, 1, name == "pipedream" ? 1 : 2).Name, Is.EqualTo(name));

    [Test]
    public void Names_are_found_in_any_case() =>
        Assert.That(Schedules.Create("1F1B", 2, 3), Is.EqualTo(Schedules.OneForwardOneBackward(2, 3)));

    [Test]
    public void An_unknown_name_lists_the_known_ones() =>
        Assert.That(() => Schedules.Create("2f2b", 1, 1),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("'2f2b'").And.Message.Contains("naive, gpipe, 1f1b"));

    [Test]
    public void Counts_below_one_are_refused([ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name)
    {
        Refuses(() => Schedules.Create(name, 0, 1), "0 ranks");
        Refuses(() => Schedules.Create(name, 1, 0), "0 microbatches");
        Refuses(() => Schedules.Create(name, 1, name == "pipedream" ? 1 : 2, chunks: 0), "0 stages per rank");
        Refuses(() => Schedules.Create(name, 1, name == "pipedream" ? 1 : 2, batches: 0), "0 batches");
    }

    [Test]
    public void Chunks_that_cannot_be_chosen_are_refused()
    {
        Refuses(() => Schedules.Create("zb-v", 4, 8, chunks: 3), "3 stages per rank");
        Refuses(() => Schedules.Create("1f1b", 4, 8, chunks: 2), "2 stages per rank");
        Assert.That(Schedules.Create("zb-v", 4, 8, chunks: 2), Is.EqualTo(Schedules.ZBV(4, 8)));
    }

    [Test]
    public void Several_batches_need_a_schedule_without_a_flush() =>
        Refuses(() => Schedules.Create("zb-h1", 4, 8, batches: 2), "2 batches");

    private static void Refuses(Func<Schedule> create, string what) =>
        Assert.That(() => create(), Throws.TypeOf<ScheduleException>().With.Message.Contains(what));
}
