using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Schedules with updates, given as lists.</summary>
public sealed class ContinuousScheduleTests
{
    [TestCase(1, 1)]
    [TestCase(2, 3)]
    [TestCase(4, 4)]
    public void A_run_without_a_list_follows_1F1B_across_batches(int depth, int microbatches)
    {
        const int batches = 4;
        Schedule schedule = Schedules.PipeDream2BW(depth, microbatches, batches);
        using ContinuousBench own = new(depth, microbatches), listed = new(depth, microbatches);
        Timeline timeline = own.Run(batches).Timeline;
        for (int rank = 0; rank < depth; rank++)
            Assert.That(Computed(timeline, rank), Is.EqualTo(schedule[rank].Where(a => a.Kind.IsCompute())));
        Timeline second = listed.Runner.Run([.. listed.Batches(batches)], schedule).Timeline;
        for (int rank = 0; rank < depth; rank++)
        {
            Assert.That(Computed(second, rank), Is.EqualTo(Computed(timeline, rank)));
            Assert.That(second.On(rank).Where(e => e.Action.Kind == ActionKind.Update).Select(e => e.Action.Microbatch),
                Is.EqualTo(Enumerable.Range(0, batches)));
        }
        Assert.That(listed.Bits(), Is.EqualTo(own.Bits()));
    }

    [Test]
    public void An_update_is_made_after_every_stage_is_through_its_batch_and_before_the_first_forward_that_reads_it()
    {
        Timeline timeline = RunOf(3, 3, 6);
        for (int batch = 0; batch < 4; batch++)
        {
            double through = Enumerable.Range(0, 3).Max(rank => timeline.On(rank)
                .Single(e => e.Action == new Action(rank, ActionKind.Backward, batch * 3 + 2)).End);
            for (int rank = 0; rank < 3; rank++)
            {
                TimelineEvent update = timeline.On(rank).Single(e => e.Action == new Action(rank, ActionKind.Update, batch));
                TimelineEvent first = timeline.On(rank)
                    .Single(e => e.Action == new Action(rank, ActionKind.Forward, (batch + 2) * 3));
                Assert.That(update.Start, Is.GreaterThanOrEqualTo(through - 1e-9));
                Assert.That(update.End, Is.LessThanOrEqualTo(first.Start + 1e-9));
            }
        }
    }

    [Test]
    public void W_deferred_at_random_until_the_update_give_the_same_bits([Range(0, 11)] int seed)
    {
        const int depth = 3, microbatches = 4, batches = 6;
        RandomStream random = RandomStream.Named("deferral", (ulong)seed, 0);
        int drawn = 0;
        Schedule schedule = new("deferred", Schedules.PipeDream2BW(depth, microbatches, batches).Actions.Select(list =>
        {
            List<Action> placed = [];
            Queue<Action> owed = [];
            foreach (Action action in list)
            {
                // What an update needs has to run before it; and so has what later batches accumulate after.
                if (action.Kind == ActionKind.Update)
                    while (owed.TryDequeue(out Action weights)) placed.Add(weights);
                placed.Add(action.Kind == ActionKind.Backward ? action.As(ActionKind.BackwardInputs) : action);
                if (action.Kind == ActionKind.Backward) owed.Enqueue(action.As(ActionKind.BackwardWeights));
                while (owed.Count > 0 && random.Below(drawn++, 3) == 0) placed.Add(owed.Dequeue());
            }
            return placed;
        }));
        using ContinuousBench straight = new(depth, microbatches), bench = new(depth, microbatches);
        straight.Run(batches);
        Timeline timeline = bench.Runner.Run([.. bench.Batches(batches)], schedule).Timeline;
        Assert.That(bench.Bits(), Is.EqualTo(straight.Bits()));
        for (int rank = 0; rank < depth; rank++)
            Assert.That(Computed(timeline, rank), Is.EqualTo(schedule[rank].Where(a => a.Kind.IsCompute())));
    }

    [Test]
    public void W_of_a_batch_may_wait_until_just_before_the_forward_that_needs_its_update()
    {
        const int microbatches = 4, batches = 5;
        Schedule schedule = LatestWeights(2, microbatches, batches);
        using ContinuousBench straight = new(2, microbatches), bench = new(2, microbatches);
        straight.Run(batches);
        bench.Runner.Run([.. bench.Batches(batches)], schedule);
        Assert.That(bench.Bits(), Is.EqualTo(straight.Bits()));
    }

    [TestCase("0F0,0F1,0B0,0F2,0B1,0F3,0F4,0B2,0B3,0B4,0U0,0F5,0B5,0U1,0U2", "0F4 runs before 0U0")]
    [TestCase("0F0,0F1,0B0,0U0,0B1,0F2,0F3,0B2,0B3,0U1,0F4,0F5,0B4,0B5,0U2", "0U0 runs before 0B1")]
    public void A_list_that_breaks_the_order_of_versions_is_illegal(string csv, string problem) =>
        Refuses<ScheduleException>(csv, problem);

    [Test]
    public void Backward_passes_of_one_batch_come_before_those_of_the_next_or_are_put_there()
    {
        Schedule schedule = Schedule.FromCsv("0F0,0F1,0F2,0B0,0B2,0B1,0U0,0F3,0B3,0U1,0F4,0F5,0B4,0B5,0U2");
        PipelineOptions listed = TinyGpt.Options with { AccumulatesAsListed = true };
        using ContinuousBench straight = new(1, 2), ordered = new(1, 2), asListed = new(1, 2, options: listed);
        straight.Run(3);
        ordered.Runner.Run([.. ordered.Batches(3)], schedule);
        Assert.That(ordered.Bits(), Is.EqualTo(straight.Bits()));
        Assert.That(() => asListed.Runner.Run([.. asListed.Batches(3)], schedule), Throws.TypeOf<PipelineException>()
            .With.Message.Contains("rank 0 stops at 0B2, which needs the backward passes of batch 0"));
    }

    [Test]
    public void A_list_in_which_a_stage_waits_for_a_batch_that_waits_for_the_stage_is_refused()
    {
        // Rank 0 comes to batch 2 before it has sent all of batch 1, and rank 1 wants that before its W of batch 0.
        Schedule schedule = Schedule.FromCsv("""
            0F0,0F1,0F2,0I0,0I1,0W0,0W1,0U0,0F4,0F3,0I2,0I3,0W2,0W3,0U1,0F5,0I4,0I5,0W4,0W5,0U2
            1F0,1I0,1F1,1I1,1F2,1I2,1F3,1W0,1W1,1U0,1F4,1I3,1W2,1W3,1U1,1F5,1I4,1I5,1W4,1W5,1U2
            """);
        using ContinuousBench bench = new(2, 2);
        Assert.That(() => bench.Runner.Run([.. bench.Batches(3)], schedule), Throws.TypeOf<PipelineException>()
            .With.Message.Contains("rank 0 stops at 0F4, which needs batch 0 through on all stages")
            .And.Message.Contains("rank 1 stops at 1F3, which needs 0F3"));
    }

    [Test]
    public void A_list_that_is_no_legal_schedule_is_refused_like_any_other()
    {
        using ContinuousBench bench = new(1, 2);
        Assert.That(() => bench.Runner.Run([.. bench.Batches(1)], Schedule.FromCsv("0F0,0F1,0B0,0B1,0B1,0U0")),
            Throws.TypeOf<ScheduleException>());
    }

    [Test]
    public void A_list_of_other_sizes_is_refused()
    {
        using ContinuousBench bench = new(2, 4);
        Assert.That(() => bench.Runner.Run([.. bench.Batches(3)], Schedules.PipeDream2BW(2, 4, 2)),
            Throws.TypeOf<PipelineException>().With.Message.Contains("3 batches of 4 microbatches"));
    }

    [Test]
    public void Stashed_weights_follow_a_list_too()
    {
        PipelineOptions options = ContinuousBench.Options("adamw");
        using ContinuousBench own = new(3, 1, WeightPolicy.Stashed, options), listed = new(3, 1, WeightPolicy.Stashed, options);
        own.Run(7);
        listed.Runner.Run([.. listed.Batches(7)], Schedules.PipeDream(3, 7));
        Assert.That(listed.Bits(), Is.EqualTo(own.Bits()));
    }

    private static Timeline RunOf(int depth, int microbatches, int batches)
    {
        using ContinuousBench bench = new(depth, microbatches);
        return bench.Run(batches).Timeline;
    }

    private static IEnumerable<Action> Computed(Timeline timeline, int rank) =>
        timeline.On(rank).SelectMany(e => e.Actions).Where(a => a.Kind.IsCompute());

    /// <summary>All W of batch t stand right before the first F of batch t + 2, where one comes, even after I of batch t +
    /// 1.</summary>
    private static Schedule LatestWeights(int depth, int microbatches, int batches) =>
        new("latest weights", Schedules.PipeDream2BW(depth, microbatches, batches).Actions.Select((list, stage) =>
        {
            List<Action> placed = [];
            int made = 0;
            foreach (Action action in list)
            {
                if (action.Kind == ActionKind.Forward && action.Microbatch == (made + 2) * microbatches) Update();
                if (action.Kind == ActionKind.Update) continue;
                placed.Add(action.Kind == ActionKind.Backward ? action.As(ActionKind.BackwardInputs) : action);
            }
            while (made < batches) Update();
            return placed;

            void Update()
            {
                for (int m = 0; m < microbatches; m++)
                    placed.Add(new Action(stage, ActionKind.BackwardWeights, made * microbatches + m));
                placed.Add(new Action(stage, ActionKind.Update, made++));
            }
        }));

    /// <summary>Refuses a list of three batches before anything runs.</summary>
    private static void Refuses<TError>(string csv, string problem) where TError : Exception
    {
        using ContinuousBench bench = new(1, 2);
        string before = bench.Bits();
        Assert.That(() => bench.Runner.Run([.. bench.Batches(3)], Schedule.FromCsv(csv)),
            Throws.TypeOf<TError>().With.Message.Contains(problem));
        Assert.That(bench.Bits(), Is.EqualTo(before));
    }
}
