using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

public sealed class FillWaitsTests
{
    private const int Seed = 7;

    [TestCase("naive")]
    [TestCase("gpipe")]
    [TestCase("1f1b")]
    public void Fill_is_never_slower_than_any_other_policy_whatever_the_costs(string name)
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 200; trial++)
        {
            var schedule = Schedules.Create(name, random.Next(1, 9), random.Next(1, 17));
            var costs = Uneven(schedule.Stages, random);
            var fill = Makespan(schedule, TwoStage.Fill, costs);
            foreach (var other in new[] { TwoStage.Off, TwoStage.End, TwoStage.Eager })
                Assert.That(fill, Is.LessThanOrEqualTo(Makespan(schedule, other, costs) * (1 + 1e-9)),
                    $"seed {Seed}, trial {trial}: {schedule}, {other}");
        }
    }

    [Test]
    public void Weights_that_fit_the_waits_delay_no_other_action()
    {
        // At unit cost W fits the waits exactly, so all of F and I start as if there were no W.
        var schedule = Schedules.OneForwardOneBackward(4, 8);
        var costs = StageCosts.Uniform(4);
        var end = Simulator.Run(SplitBackward.Apply(schedule, TwoStage.End, costs), costs);
        var fill = Simulator.Run(SplitBackward.Apply(schedule, TwoStage.Fill, costs), costs);
        Assert.That(WithoutWeights(fill), Is.EqualTo(WithoutWeights(end)));
        Assert.That(fill.Makespan, Is.LessThan(end.Makespan));

        static IEnumerable<(Action, double)> WithoutWeights(Timeline t) =>
            t.Events.Where(e => e.Action.Kind != ActionKind.BackwardWeights).Select(e => (e.Action, e.Start));
    }

    [Test]
    public void Weights_longer_than_a_wait_run_there_where_it_pays()
    {
        // No W fits into a wait of 1, so placing only what fits would equal End.
        var schedule = Schedules.OneForwardOneBackward(4, 4);
        var costs = StageCosts.Uniform(4, weights: 1.5);
        Assert.That(Makespan(schedule, TwoStage.Fill, costs), Is.LessThan(Makespan(schedule, TwoStage.End, costs)));
    }

    [Test]
    public void A_limit_bounds_what_is_owed_and_never_helps([Values(1, 2, 3, 5)] int limit, [Values(2, 4, 7)] int stages)
    {
        var schedule = Schedules.OneForwardOneBackward(stages, 3 * stages);
        var costs = Uneven(stages, new Random(Seed));
        var limited = SplitBackward.Apply(schedule, TwoStage.Fill, costs, limit);
        Assert.That(ScheduleValidator.Violations(limited), Is.Empty);
        Assert.That(HeldState.Peaks(limited).Max(p => p.PendingWeights), Is.LessThanOrEqualTo(limit));
        Assert.That(Simulator.Run(limited, costs).Makespan,
            Is.LessThanOrEqualTo(Makespan(schedule, TwoStage.Eager, costs) + 1e-9));
    }

    [Test]
    public void At_unit_cost_owing_no_more_than_N_weights_is_as_fast_as_owing_any_number(
        [Range(2, 9)] int n, [Values(1, 2, 5)] int rounds)
    {
        var schedule = Schedules.OneForwardOneBackward(n, rounds * n);
        var costs = StageCosts.Uniform(n);
        var limited = SplitBackward.Apply(schedule, TwoStage.Fill, costs, pendingLimit: n);
        Assert.That(Simulator.Run(limited, costs).Makespan, Is.EqualTo(Makespan(schedule, TwoStage.Fill, costs)));
    }

    [Test]
    public void A_memory_cap_bounds_what_each_rank_holds_and_within_1F1Bs_memory_the_bubble_is_ZB_H1s(
        [Range(1, 9)] int n, [Values(1, 2, 5)] int rounds)
    {
        var (schedule, costs) = (Schedules.OneForwardOneBackward(n, rounds * n), StageCosts.Uniform(n));
        var capped = SplitBackward.Apply(schedule, TwoStage.Fill, costs, memoryCap: MemoryCap.Everywhere(n));
        Assert.That(HeldBytes.Peaks(capped, costs), Is.All.LessThanOrEqualTo(n));
        Assert.That(Simulator.Run(capped, costs).Makespan, Is.EqualTo(3 * rounds * n + n - 1));
    }

    [Test]
    public void A_memory_cap_counts_bytes_of_every_stage_of_a_rank()
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 100; trial++)
        {
            var schedule = RandomSchedule.Create(random);
            var costs = RandomSchedule.Costs(random, schedule.Stages);
            var least = HeldBytes.Peaks(SplitBackward.Apply(schedule, TwoStage.Fill, costs, pendingLimit: 1), costs);
            var cap = MemoryCap.PerRank([.. least.Select(peak => peak + 1 + random.Next(50))]);
            Schedule capped;
            try
            {
                capped = SplitBackward.Apply(schedule, TwoStage.Fill, costs, memoryCap: cap);
            }
            catch (ScheduleException e) when (e.Message.Contains("the cap is"))
            {
                // Only W out of microbatch order hold more than they must: they wait for an earlier one.
                Assert.That(schedule.Actions.Any(list => list.Where(a => a.Kind != ActionKind.Forward).GroupBy(a => a.Stage)
                    .Any(stage => !stage.Select(a => a.Microbatch).SequenceEqual(stage.Select(a => a.Microbatch).Order()))));
                continue;
            }
            Assert.That(ScheduleValidator.Violations(capped), Is.Empty);
            foreach (var (peak, rank) in HeldBytes.Peaks(capped, costs).Select((peak, rank) => (peak, rank)))
                Assert.That(peak, Is.LessThanOrEqualTo(cap.On(rank)), $"seed {Seed}, trial {trial}");
        }
    }

    [Test]
    public void A_cap_that_the_order_of_F_and_I_breaks_is_refused_with_the_place() =>
        Assert.That(() => SplitBackward.Apply(Schedules.GPipe(2, 4), TwoStage.Fill, memoryCap: MemoryCap.Everywhere(3)),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("Rank 0")
                .And.Message.Contains("holds 3 microbatches of single stages before 0F3"));

    [Test]
    public void Caps_for_another_number_of_ranks_are_refused() =>
        Assert.That(() => SplitBackward.Apply(Schedules.GPipe(2, 1), TwoStage.Fill, memoryCap: MemoryCap.PerRank([1, 1, 1])),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("3 memory caps for 2 ranks"));

    [Test]
    public void A_limit_below_one_is_refused() =>
        Assert.That(() => SplitBackward.Apply(Schedules.GPipe(1, 1), TwoStage.Fill, pendingLimit: 0),
            Throws.TypeOf<ScheduleException>());

    [Test]
    public void Costs_for_another_number_of_stages_are_refused() =>
        Assert.That(() => SplitBackward.Apply(Schedules.GPipe(2, 1), TwoStage.Fill, StageCosts.Uniform(3)),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("2 stages, the costs have 3"));

    private static double Makespan(Schedule schedule, TwoStage policy, StageCosts costs) =>
        Simulator.Run(SplitBackward.Apply(schedule, policy, costs), costs).Makespan;

    private static StageCosts Uneven(int stages, Random random)
    {
        return new(
            [.. Times(stages)], [.. Times(stages)], [.. Times(stages)],
            [.. Enumerable.Range(0, stages - 1).Select(_ => new Link(random.NextDouble() / 2))]);

        IEnumerable<double> Times(int count) => Enumerable.Range(0, count).Select(_ => 0.05 + random.NextDouble());
    }
}
