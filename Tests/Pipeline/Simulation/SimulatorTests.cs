using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

[Parallelizable]
public sealed class SimulatorTests
{
    [Test]
    public void Each_action_starts_as_soon_as_its_rank_and_its_needs_allow()
    {
        var costs = StageCosts.Uniform(2, 1, 2, 3, new(0.5));
        var timeline = Simulator.Run(Schedule.FromCsv("0F0,0I0,0W0\n1F0,1I0,1W0", "tiny"), costs);
        Assert.That(timeline.Events.Select(e => $"{e.Label} {e.Start}-{e.End}"), Is.EqualTo(new[]
        {
            "0F0 0-1", "0I0 5-7", "0W0 7-10",
            "1F0 1.5-2.5", "1I0 2.5-4.5", "1W0 4.5-7.5",
        }));
        Assert.That((timeline.Name, timeline.Makespan, timeline.Busy(1), timeline.Idle(1)), Is.EqualTo(("tiny", 10.0, 6.0, 4.0)));
        Assert.That(timeline.BubbleRatio, Is.EqualTo(1 - 12.0 / 20));
    }

    [Test]
    public void Work_is_conserved_and_no_rank_does_two_things_at_once(
        [ValueSource(typeof(Catalogue), nameof(Catalogue.Flushing))] string name)
    {
        var schedule = Schedules.Create(name, 5, 11);
        var costs = StageCosts.Uniform(schedule.Stages, 1.0, 1.3, 0.7, new(0.25));
        var timeline = Simulator.Run(SplitBackward.Apply(schedule, TwoStage.Fill, costs), costs);
        for (var rank = 0; rank < timeline.Ranks; rank++)
        {
            Assert.That(timeline.Busy(rank), Is.EqualTo(11 * 3.0 * schedule.Stages / schedule.Ranks).Within(1e-9));
            foreach (var (earlier, later) in timeline.On(rank).Zip(timeline.On(rank).Skip(1)))
                Assert.That(later.Start, Is.GreaterThanOrEqualTo(earlier.End));
        }
    }

    [Test]
    public void A_link_takes_latency_and_bytes_over_bandwidth()
    {
        var costs = StageCosts.Uniform(2, link: new(Latency: 0.5, Bytes: 100, Bandwidth: 200));
        Assert.That(Simulator.Run(Schedules.GPipe(2, 1), costs).Makespan, Is.EqualTo(6 + 2 * (0.5 + 0.5)));
    }

    [Test]
    public void Stages_on_one_rank_exchange_for_free()
    {
        var costs = StageCosts.Uniform(2, link: new(100));
        Assert.That(Simulator.Run(Schedule.FromCsv("0F0,1F0,1B0,0B0"), costs).Makespan, Is.EqualTo(6));
    }

    [Test]
    public void Spelled_out_transfers_cost_what_implied_ones_do()
    {
        var costs = StageCosts.Uniform(2, link: new(0.5));
        var implied = Simulator.Run(Schedule.FromCsv("0F0,0B0\n1F0,1B0"), costs);
        var spelled = Simulator.Run(Schedule.FromCsv("0F0,0SEND_F0,0RECV_B0,0B0\n1RECV_F0,1F0,1B0,1SEND_B0"), costs);
        Assert.That(spelled, Is.EqualTo(implied));
    }

    [Test]
    public void A_deadlock_is_an_error_not_a_hang() =>
        Assert.That(() => Simulator.Run(Schedule.FromCsv("0F1,0B1,0F0,0B0\n1F0,1F1,1B0,1B1"), StageCosts.Uniform(2)),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("deadlock"));

    [Test]
    public void A_thousand_ranks_take_no_quadratic_work()
    {
        var timeline = Simulator.Run(Schedules.OneForwardOneBackward(1000, 200), StageCosts.Uniform(1000));
        Assert.That(timeline.Makespan, Is.EqualTo((200 + 999) * 3));
    }

    [Test]
    public void Many_ranks_and_microbatches_keep_the_closed_form()
    {
        var summary = Simulator.Summarize(Schedules.OneForwardOneBackward(256, 1024), StageCosts.Uniform(256));
        Assert.That(summary.Makespan, Is.EqualTo((1024 + 255) * 3));
        Assert.That(summary.Idle, Is.All.EqualTo(255 * 3));
        Assert.That(summary.PeakBytes, Is.EqualTo(Enumerable.Range(0, 256).Select(r => 256L - r)));
    }

    [Test]
    public void Unequal_lists_of_costs_are_refused() =>
        Assert.That(() => new StageCosts([1, 1], [1], [1, 1]),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("2 F, 1 I, 2 W"));

    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void Impossible_times_are_refused(double time) =>
        Assert.That(() => StageCosts.Uniform(2, time), Throws.TypeOf<ScheduleException>());
}
