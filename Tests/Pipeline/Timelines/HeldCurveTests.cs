using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

public sealed class HeldCurveTests
{
    [Test]
    public void Without_bytes_the_curve_counts_microbatches([Values] bool split)
    {
        var plain = Schedules.OneForwardOneBackward(4, 8);
        var schedule = split ? SplitBackward.Apply(plain, TwoStage.Fill) : plain;
        var timeline = Simulator.Run(schedule, StageCosts.Uniform(4));
        var curve = HeldCurve.Of(timeline);
        Assert.That(curve.InBytes, Is.False);
        var peaks = HeldState.Peaks(timeline).Select(p => p.Either);
        Assert.That(curve.Ranks.Select(points => points.Max(p => p.Value)), Is.EqualTo(peaks));
        Assert.That(curve.Ranks.Select(points => points[^1].Value), Is.All.Zero);
    }

    [Test]
    public void Bytes_are_drawn_as_the_run_counted_them()
    {
        var costs = StageCosts.Uniform(3) with { Memory = [.. Enumerable.Repeat(new StageMemory(5000, 3000, 700), 3)] };
        var schedule = Schedules.GPipe(3, 4);
        var curve = HeldCurve.Of(Simulator.Run(schedule, costs));
        Assert.That(curve.InBytes, Is.True);
        Assert.That(curve.Peaks, Is.EqualTo(HeldBytes.Peaks(schedule, costs).Select(bytes => bytes - 700)));
        Assert.That(curve.Peak, Is.EqualTo(4 * 5000));
        Assert.That(curve.PeakWith([700, 700, 700]), Is.EqualTo(4 * 5000 + 700));
    }

    [Test]
    public void A_microbatch_on_one_of_two_stages_of_a_rank_counts_half([Values("zb-v", "dualpipe-v")] string name)
    {
        var schedule = Schedules.Create(name, 4, 8);
        var curve = HeldCurve.Of(Simulator.Run(schedule, StageCosts.OfModel(schedule)));
        Assert.That(curve.Peak, Is.EqualTo(name == "zb-v" ? 4 : 4.5));
    }

    [Test]
    public void Fused_weights_leave_together_and_idle_ranks_hold_nothing()
    {
        var timeline = new Timeline("t", 2,
        [
            new(1, Action.Parse("1F0"), 0, 1), new(1, Action.Parse("1F1"), 1, 1),
            new(1, Action.Parse("1I0"), 2, 1), new(1, Action.Parse("1I1"), 3, 1),
            new(1, Action.Parse("1W0"), 4, 1, Microbatches: 2),
        ]);
        var curve = HeldCurve.Of(timeline);
        Assert.That(curve.Ranks[0], Is.Empty);
        Assert.That(curve.Ranks[1], Is.EqualTo(new HeldPoint[] { new(0, false, 1), new(1, false, 2), new(4, true, 0) }));
    }
}
