using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

public sealed class TimelineTests
{
    [Test]
    public void A_fused_event_is_labelled_as_a_range_and_covers_its_microbatches()
    {
        var e = new TimelineEvent(0, Action.Parse("0W2"), 1, 2, Microbatches: 3);
        Assert.That(e.Label, Is.EqualTo("0W2-4"));
        Assert.That(e.Actions, Is.EqualTo(new[] { Action.Parse("0W2"), Action.Parse("0W3"), Action.Parse("0W4") }));
    }

    [Test]
    public void Transfers_are_not_work()
    {
        var timeline = new Timeline("t", 2, [new(1, Action.Parse("1F0"), 4, 1), new(1, Action.Parse("1RECV_F0"), 0, 4)]);
        Assert.That((timeline.Makespan, timeline.Busy(0), timeline.Busy(1), timeline.Idle(1)), Is.EqualTo((5.0, 0.0, 1.0, 4.0)));
        Assert.That(timeline.On(1).Select(e => e.Label), Is.EqualTo(new[] { "1RECV_F0", "1F0" }));
        Assert.That(timeline.On(0), Is.Empty);
    }

    [Test]
    public void The_makespan_runs_from_the_first_start()
    {
        var timeline = new Timeline("t", 1, [new(0, Action.Parse("0F0"), 100, 2), new(0, Action.Parse("0B0"), 106, 2)]);
        Assert.That((timeline.Start, timeline.Makespan, timeline.BubbleRatio), Is.EqualTo((100.0, 8.0, 0.5)));
    }

    [Test]
    public void An_empty_timeline_has_no_bubble()
    {
        var timeline = new Timeline("t", 0, []);
        Assert.That((timeline.Makespan, timeline.BubbleRatio), Is.EqualTo((0.0, 0.0)));
    }

    [TestCase(2, 0, 1, 1)]
    [TestCase(-1, 0, 1, 1)]
    [TestCase(0, double.NaN, 1, 1)]
    [TestCase(0, 0, -1, 1)]
    [TestCase(0, 0, 1, 0)]
    public void Impossible_events_are_refused(int rank, double start, double duration, int microbatches) =>
        Assert.That(() => new Timeline("t", 2, [new(rank, Action.Parse("0F0"), start, duration, microbatches)]),
            Throws.TypeOf<ScheduleException>());

    [Test]
    public void Equality_is_by_all_data()
    {
        var one = Simulator.Run(Schedules.GPipe(2, 2), StageCosts.Uniform(2));
        Assert.That(Simulator.Run(Schedules.GPipe(2, 2), StageCosts.Uniform(2)), Is.EqualTo(one));
        Assert.That(one.Named("other"), Is.Not.EqualTo(one));
        Assert.That(Simulator.Run(Schedules.GPipe(2, 2), StageCosts.Uniform(2, 2)), Is.Not.EqualTo(one));
    }
}
