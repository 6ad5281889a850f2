using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

[Parallelizable]
public sealed class ScheduleOptimizerTests
{
    private const int Seed = 77;

    [Test]
    public void The_result_is_never_worse_than_its_start_nor_below_the_bound_and_keeps_the_law() =>
        ForRandom(40, most: 4, (schedule, costs, cap, trial) =>
        {
            var result = ScheduleOptimizer.Optimize(schedule, costs, cap, new() { Moves = 2000, Nodes = 0 });
            Assert.That(result.Makespan, Is.LessThanOrEqualTo(result.Start), trial);
            Assert.That(result.Makespan, Is.GreaterThanOrEqualTo(result.Bound), trial);
            Assert.That(result.Makespan, Is.EqualTo(Simulator.Run(result.Schedule, costs).Makespan), trial);
            Assert.That(HeldBytes.Peaks(result.Schedule, costs).Select((peak, rank) => peak <= cap.On(rank)), Is.All.True, trial);
            Assert.That(Enumerable.Range(0, schedule.Stages).Select(result.Schedule.RankOf),
                Is.EqualTo(Enumerable.Range(0, schedule.Stages).Select(schedule.RankOf)), trial);
        });

    [Test]
    public void A_legal_schedule_within_the_cap_is_never_made_longer() =>
        ForRandom(40, most: 4, (schedule, costs, _, trial) =>
        {
            var result = ScheduleOptimizer.Optimize(schedule, costs, options: new() { Moves = 100, Nodes = 0 });
            var plain = Simulator.Run(SplitBackward.Apply(schedule, TwoStage.Eager), costs).Makespan;
            Assert.That(result.Makespan, Is.LessThanOrEqualTo(plain * (1 + 1e-9)), trial);
        });

    [Test]
    public void Branch_and_bound_agrees_with_trying_every_order()
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 25; trial++)
        {
            var (stages, microbatches, ranks) = trial % 3 == 0 ? (1, 3, 1) : trial % 3 == 1 ? (2, 2, 2) : (2, 2, 1);
            var costs = RandomSchedule.Costs(random, stages) with { Memory = StageCosts.Uniform(stages).Memory };
            var cap = MemoryCap.Everywhere(ranks == 1 && stages == 2 ? 3 : 2);
            var result = ScheduleOptimizer.Optimize(costs, ranks, microbatches, cap, new() { Moves = 0 });
            Assert.That(result.IsOptimal, $"seed {Seed}, trial {trial}");
            Assert.That(result.Makespan, Is.EqualTo(EveryOrder.Shortest(costs, ranks, microbatches, cap)).Within(1e-9),
                $"seed {Seed}, trial {trial}");
        }
    }

    [Test]
    public void Local_search_finds_what_branch_and_bound_proves_on_tiny_cases()
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 25; trial++)
        {
            var stages = random.Next(2, 4);
            var costs = RandomSchedule.Costs(random, stages) with { Memory = StageCosts.Uniform(stages).Memory };
            var cap = random.Next(2) == 0 ? MemoryCap.None : MemoryCap.Everywhere(stages);
            var searched = ScheduleOptimizer.Optimize(costs, stages, 4, cap, new() { Moves = 20_000, Nodes = 0 });
            var proven = ScheduleOptimizer.Optimize(costs, stages, 4, cap, new() { Moves = 0, Nodes = 5_000_000 });
            Assert.That(proven.IsOptimal, $"seed {Seed}, trial {trial}");
            Assert.That(searched.Bound, Is.LessThanOrEqualTo(proven.Makespan * (1 + 1e-9)), $"seed {Seed}, trial {trial}");
            Assert.That(searched.Makespan, Is.EqualTo(proven.Makespan).Within(1e-9), $"seed {Seed}, trial {trial}");
        }
    }

    [Test]
    public void At_unit_cost_ZB_H1_is_proven_optimal([Range(2, 8)] int p)
    {
        var result = ScheduleOptimizer.Optimize(StageCosts.Uniform(p), p, 2 * p, MemoryCap.Everywhere(p));
        Assert.That((result.Makespan, result.Bound, result.Moves), Is.EqualTo((7.0 * p - 1, 7.0 * p - 1, 0)));
    }

    [Test]
    public void Transfers_that_block_are_searched_and_bounded_as_they_are()
    {
        var random = new Random(Seed);
        var (bound, without, better) = (0.0, 0.0, 0);
        for (var trial = 0; trial < 12; trial++)
        {
            var free = StageCosts.Uniform(3, 1 + random.NextDouble(), 1, 1, new(0.2 + random.NextDouble()));
            var blocking = free with { Transfers = TransferMode.Blocking };
            var schedule = Schedules.OneForwardOneBackward(3, 5);
            var searched = ScheduleOptimizer.Optimize(schedule, blocking, options: new() { Moves = 3000, Nodes = 0 });
            var asIfFree = ScheduleOptimizer.Optimize(schedule, free, options: new() { Moves = 3000, Nodes = 0 });
            Assert.That(searched.Makespan, Is.EqualTo(Simulator.Run(searched.Schedule, blocking).Makespan), $"trial {trial}");
            Assert.That(searched.Bound, Is.LessThanOrEqualTo(searched.Makespan).And.LessThanOrEqualTo(
                Simulator.Run(asIfFree.Schedule, blocking).Makespan), $"trial {trial}");
            better += searched.Makespan < Simulator.Run(asIfFree.Schedule, blocking).Makespan - 1e-9 ? 1 : 0;
            (bound, without) = (bound + searched.Bound, without + asIfFree.Bound);
        }
        Assert.That(better, Is.GreaterThan(6), "a search that takes links as free finds other schedules");
        Assert.That(bound, Is.GreaterThan(without * 1.1));
    }

    [TestCase(2, 83)]
    public void With_several_stages_per_rank_what_is_held_how_long_raises_the_bound(int cap, double least)
    {
        // Each rank of the V holds every microbatch for 20 units in all; the last one starts after 3.
        var costs = StageCosts.Uniform(8);
        var placement = StagePlacement.Of(Schedules.VMin(4, 8));
        var found = ScheduleOptimizer.Optimize(
            Schedules.VMin(4, 8), costs, MemoryCap.Everywhere(cap), new() { Moves = 1000, Nodes = 0 });
        Assert.That(new LowerBound(costs, placement, 8, MemoryCap.Everywhere(cap)).Makespan(),
            Is.EqualTo(least).And.EqualTo(found.Bound));
        Assert.That(found.Makespan, Is.GreaterThanOrEqualTo(least));
        Assert.That(new LowerBound(costs, placement, 8, MemoryCap.None).Makespan(), Is.LessThan(least));
    }

    [Test]
    public void Equal_seeds_give_equal_results()
    {
        var costs = RandomSchedule.Costs(new Random(Seed), 4);
        var options = new OptimizerOptions { Moves = 3000, Seed = 5 };
        var one = ScheduleOptimizer.Optimize(costs, 4, 6, options: options);
        Assert.That(ScheduleOptimizer.Optimize(costs, 4, 6, options: options), Is.EqualTo(one));
        Assert.That(one.Moves, Is.GreaterThan(0));
    }

    [Test]
    public void A_search_can_be_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.That(() => ScheduleOptimizer.Optimize(
                RandomSchedule.Costs(new Random(Seed), 4), 4, 6, cancel: cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Schedules_with_transfers_or_updates_are_refused() =>
        Assert.That(() => ScheduleOptimizer.Optimize(
                Schedule.FromCsv("0F0,0SEND_F0,0RECV_B0,0B0\n1RECV_F0,1F0,1B0,1SEND_B0"), StageCosts.Uniform(2)),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("0SEND_F0"));

    [Test]
    public void Negative_efforts_are_refused() =>
        Assert.That(() => new OptimizerOptions { Moves = -1 }, Throws.TypeOf<ScheduleException>());

    private static void ForRandom(int trials, int most, Action<Schedule, StageCosts, MemoryCap, string> check)
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < trials; trial++)
        {
            var schedule = RandomSchedule.Create(random, most);
            var costs = RandomSchedule.Costs(random, schedule.Stages);
            var cap = RandomSchedule.Cap(random, schedule, costs);
            check(schedule, costs, cap, $"seed {Seed}, trial {trial}");
        }
    }
}
