using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class HeldStateTests
{
    [Test]
    public void OneForwardOneBackward_holds_at_most_N_minus_r_forwards([Range(1, 8)] int n, [Values(1, 4, 9)] int m)
    {
        var peaks = HeldState.Peaks(Schedules.OneForwardOneBackward(n, m));
        Assert.That(peaks, Is.EqualTo(
            Enumerable.Range(0, n).Select(r => new HeldState(Math.Min(m, n - r), 0, Math.Min(m, n - r)))));
    }

    [Test]
    public void GPipe_holds_every_forward() =>
        Assert.That(HeldState.Peaks(Schedules.GPipe(3, 5)), Is.All.EqualTo(new HeldState(5, 0, 5)));

    [Test]
    public void Filled_1F1B_owes_M_minus_N_plus_1_plus_r_weights([Range(2, 9)] int n, [Values(0, 1, 5, 12)] int more)
    {
        var m = n + more;
        var peaks = HeldState.Peaks(SplitBackward.Apply(Schedules.OneForwardOneBackward(n, m), TwoStage.Fill));
        Assert.That(peaks.Select(p => p.PendingWeights), Is.EqualTo(Enumerable.Range(0, n).Select(r => m - n + 1 + r)));
    }

    [Test]
    public void Eager_weights_never_pile_up() =>
        Assert.That(HeldState.Peaks(SplitBackward.Apply(Schedules.GPipe(3, 5), TwoStage.Eager)).Select(p => p.PendingWeights),
            Is.All.EqualTo(1));

    [Test]
    public void A_run_holds_what_its_schedule_says()
    {
        var schedule = SplitBackward.Apply(Schedules.OneForwardOneBackward(4, 8), TwoStage.Fill);
        Assert.That(HeldState.Peaks(Simulator.Run(schedule, StageCosts.Uniform(4))), Is.EqualTo(HeldState.Peaks(schedule)));
    }
}
