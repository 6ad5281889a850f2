using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

public sealed class ProfilerTests
{
    private static readonly Timeline Step = new("step", 2,
    [
        new(0, Action.Parse("0F0"), 0, 5) { Sending = 1 },
        new(1, Action.Parse("1F0"), 5, 6) { MovedBytes = 100 },
        new(1, Action.Parse("1I0"), 11, 8) { Sending = 2 },
        new(0, Action.Parse("0I0"), 19, 7) { MovedBytes = 60 },
        new(1, Action.Parse("1W0"), 19, 3),
        new(0, Action.Parse("0W0"), 26, 4),
    ], TimeUnit.Seconds);

    [Test]
    public void Without_links_handing_on_is_part_of_F_and_I_and_transfers_are_free()
    {
        StageCosts costs = Profiler.Costs([Step], 2);
        Assert.That(costs.Forward, Is.EqualTo(new[] { 5.0, 6 }));
        Assert.That(costs.Inputs, Is.EqualTo(new[] { 7.0, 8 }));
        Assert.That(costs.Links.Concat(costs.BackLinks).Select(l => l.Time), Is.All.Zero);
        Assert.That(Simulator.Run(Order(), costs).Makespan, Is.EqualTo(Step.Makespan));
    }

    [Test]
    public void With_links_handing_on_is_theirs_and_counts_once()
    {
        StageCosts costs = Profiler.Costs([Step], 2, bytes => new Link(bytes == 100 ? 1 : 2, 0, Bandwidth: 1e9));
        Assert.That(costs.Forward, Is.EqualTo(new[] { 4.0, 6 }));
        Assert.That(costs.Inputs, Is.EqualTo(new[] { 7.0, 6 }));
        Assert.That(costs.Weights, Is.EqualTo(new[] { 4.0, 3 }));
        Assert.That(costs.Links.Single(), Is.EqualTo(new Link(1, 100, 1e9)));
        Assert.That(costs.BackLinks.Single(), Is.EqualTo(new Link(2, 60, 1e9)));
        Assert.That(Simulator.Run(Order(), costs).Makespan, Is.EqualTo(Step.Makespan).Within(1e-6));
    }

    [Test]
    public void A_recorded_F_and_I_tell_how_much_of_their_time_went_into_handing_on()
    {
        using PipelineBench bench = new(SplitBackward.Apply(Schedules.OneForwardOneBackward(2, 4), TwoStage.Eager));
        Timeline timeline = bench.Step().Timeline;
        foreach (TimelineEvent e in timeline.Events)
        {
            bool sends = e.Action is { Kind: ActionKind.Forward, Stage: 0 } or { Kind: ActionKind.BackwardInputs, Stage: 1 };
            Assert.That(e.Sending, sends ? Is.Positive.And.LessThan(e.Duration) : Is.Zero, e.Label);
        }
        Assert.That(ChromeTrace.FromJson(ChromeTrace.ToJson(timeline)).Single().Events, Is.EqualTo(timeline.Events));
    }

    private static Schedule Order() => SplitBackward.Apply(Schedules.GPipe(2, 1), TwoStage.End);
}
