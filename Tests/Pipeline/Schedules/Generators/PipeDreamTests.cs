using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Schedules without a flush (arXiv 1806.03377 and 2006.09503).</summary>
public sealed class PipeDreamTests
{
    [Test]
    public void PipeDream_updates_after_every_backward() =>
        Assert.That(Schedules.PipeDream(2, 3).ToCsv(), Is.EqualTo(
            "0F0,0F1,0B0,0U0,0F2,0B1,0U1,0B2,0U2\n1F0,1B0,1U0,1F1,1B1,1U1,1F2,1B2,1U2\n"));

    [Test]
    public void PipeDream2BW_goes_on_into_the_next_batch_before_the_update() =>
        Assert.That(Schedules.PipeDream2BW(2, 2, 2).ToCsv(), Is.EqualTo(
            "0F0,0F1,0B0,0F2,0B1,0U0,0F3,0B2,0B3,0U1\n1F0,1B0,1F1,1B1,1U0,1F2,1B2,1F3,1B3,1U1\n"));

    [Test]
    public void There_is_no_bubble_but_fill_and_drain([Range(2, 16)] int n, [Values(1, 2, 5)] int batches)
    {
        foreach (var m in new[] { n, n + 1, 2 * n })
        {
            var timeline = Simulator.Run(Schedules.PipeDream2BW(n, m, batches), StageCosts.Uniform(n));
            Assert.That(timeline.Makespan, Is.EqualTo(3 * (m * batches + n - 1)), $"M = {m}");
            for (var rank = 0; rank < n; rank++)
            {
                // Rank r waits before its first forward, and for the gradients of its warm-up and of its drain.
                var waits = timeline.On(rank).Zip(timeline.On(rank).Skip(1)).Where(pair => pair.Second.Start > pair.First.End);
                Assert.That(waits.Select(pair => pair.Second.Action.Microbatch),
                    Is.All.Matches<int>(k => k < n - rank || k >= m * batches - (n - rank)), $"M = {m}, rank {rank}");
            }
        }
        Assert.That(Idle.InMakespan(Schedules.PipeDream(n, n * batches)), Is.EqualTo(3 * (n - 1)));
    }

    [Test]
    public void Rank_r_holds_N_minus_r_microbatches([Range(1, 16)] int n)
    {
        var expected = Enumerable.Range(0, n).Select(r => n - r);
        Assert.That(Idle.Held(Schedules.PipeDream2BW(n, n, 3)), Is.EqualTo(expected));
        Assert.That(Idle.Held(Schedules.PipeDream(n, 3 * n)), Is.EqualTo(expected));
    }
}
