using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class ZeroBubbleTests
{
    private const int Seed = 2401;

    [Test]
    public void At_unit_cost_it_is_ZB_H1_within_the_memory_of_1F1B([Range(1, 10)] int p, [Values(1, 2, 4)] int rounds)
    {
        var summary = Simulator.Summarize(
            ZeroBubble.Schedule(StageCosts.Uniform(p), p, rounds * p, MemoryCap.Everywhere(p)), StageCosts.Uniform(p));
        Assert.That(summary.Makespan, Is.EqualTo(3 * rounds * p + p - 1));
        Assert.That(summary.PeakBytes, Is.All.LessThanOrEqualTo(p));
    }

    [Test]
    public void With_2p_minus_1_microbatches_of_memory_no_rank_waits_between_its_first_and_its_last_action([Range(2, 10)] int p)
    {
        var schedule = ZeroBubble.Schedule(StageCosts.Uniform(p), p, 3 * p, MemoryCap.Everywhere(2 * p - 1));
        var timeline = Simulator.Run(schedule, StageCosts.Uniform(p));
        Assert.That(timeline.Makespan, Is.EqualTo(9 * p + p - 1));
        for (var rank = 0; rank < p; rank++)
            Assert.That(timeline.On(rank)[^1].End - timeline.On(rank)[0].Start, Is.EqualTo(9 * p), schedule.ToGrid());
        Assert.That(HeldBytes.Peaks(schedule, StageCosts.Uniform(p)), Is.All.LessThanOrEqualTo(2 * p - 1));
    }

    [Test]
    public void It_is_never_slower_than_1F1B_with_filled_waits_whatever_the_costs()
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 60; trial++)
        {
            int p = random.Next(1, 7), m = random.Next(1, 13);
            var costs = RandomSchedule.Costs(random, p) with { Memory = StageCosts.Uniform(p).Memory };
            var cap = random.Next(2) == 0 ? MemoryCap.None : MemoryCap.Everywhere(p + random.Next(3));
            var plain = SplitBackward.Apply(Schedules.OneForwardOneBackward(p, m), TwoStage.Fill, costs, memoryCap: cap);
            var schedule = ZeroBubble.Schedule(costs, p, m, cap);
            Assert.That(ScheduleValidator.Violations(schedule), Is.Empty, $"seed {Seed}, trial {trial}");
            Assert.That(Simulator.Run(schedule, costs).Makespan,
                Is.LessThanOrEqualTo(Simulator.Run(plain, costs).Makespan * (1 + 1e-9)), $"seed {Seed}, trial {trial}");
        }
    }

    [Test]
    public void Any_placement_and_any_cap_with_room_for_one_microbatch_give_a_legal_schedule_within_the_cap()
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 100; trial++)
        {
            var model = RandomSchedule.Create(random);
            var costs = RandomSchedule.Costs(random, model.Stages);
            var placement = Enumerable.Range(0, model.Stages).Select(model.RankOf).ToArray();
            var cap = RandomSchedule.Cap(random, model, costs);
            var schedule = ZeroBubble.Schedule(costs, [.. placement], model.Microbatches, cap);
            Assert.That(ScheduleValidator.Violations(schedule), Is.Empty, $"seed {Seed}, trial {trial}");
            Assert.That((schedule.Stages, schedule.Microbatches, schedule.Count),
                Is.EqualTo((model.Stages, model.Microbatches, 3 * model.Stages * model.Microbatches)));
            Assert.That(Enumerable.Range(0, model.Stages).Select(schedule.RankOf), Is.EqualTo(placement));
            foreach (var (peak, rank) in HeldBytes.Peaks(schedule, costs).Select((peak, rank) => (peak, rank)))
                Assert.That(peak, Is.LessThanOrEqualTo(cap.On(rank)), $"seed {Seed}, trial {trial}");
        }
    }

    [Test]
    public void A_V_of_two_chunks_per_rank_is_close_to_its_work([Range(2, 6)] int p)
    {
        var costs = StageCosts.Uniform(2 * p);
        var v = Enumerable.Range(0, 2 * p).Select(s => s < p ? s : 2 * p - 1 - s);
        var schedule = ZeroBubble.Schedule(costs, [.. v], 2 * p, MemoryCap.Everywhere(2 * p));
        var oneWay = Simulator.Run(Schedules.OneForwardOneBackward(p, 2 * p), StageCosts.Uniform(p, 2, 2, 2)).Makespan;
        Assert.That(Simulator.Run(schedule, costs).Makespan, Is.LessThan(oneWay));
    }

    [Test]
    public void A_cap_without_room_for_a_microbatch_is_refused() =>
        Assert.That(() => ZeroBubble.Schedule(
                StageCosts.Uniform(2) with { Memory = [new(10, 10), new(10, 10)] }, 2, 4, MemoryCap.Everywhere(9)),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("memory cap"));

    [Test]
    public void Impossible_placements_are_refused()
    {
        Assert.That(() => ZeroBubble.Schedule(StageCosts.Uniform(2), 3, 1), Throws.TypeOf<ScheduleException>());
        Assert.That(() => ZeroBubble.Schedule(StageCosts.Uniform(2), 2, 0), Throws.TypeOf<ScheduleException>());
        Assert.That(() => ZeroBubble.Schedule(StageCosts.Uniform(2), [0, 2], 1), Throws.TypeOf<ScheduleException>());
        Assert.That(() => ZeroBubble.Schedule(StageCosts.Uniform(2), [0], 1), Throws.TypeOf<ScheduleException>());
        Assert.That(() => MemoryCap.Everywhere(0), Throws.TypeOf<ScheduleException>());
    }
}
