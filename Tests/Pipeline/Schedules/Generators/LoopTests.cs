using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Interleaved 1F1B and breadth first: several stages per rank in a loop.</summary>
public sealed class LoopTests
{
    [Test]
    public void Interleaved_runs_groups_of_N_microbatches_depth_first() =>
        Assert.That(Schedules.Interleaved(2, 4, 2).ToCsv(), Is.EqualTo(
            """
            0F0,0F1,2F0,2F1,0F2,2B0,0F3,2B1,2F2,0B0,2F3,0B1,2B2,2B3,0B2,0B3
            1F0,1F1,3F0,3B0,3F1,3B1,1F2,1B0,1F3,1B1,3F2,3B2,3F3,3B3,1B2,1B3

            """.ReplaceLineEndings("\n")));

    [Test]
    public void LoopedBfs_runs_all_microbatches_of_a_stage_before_the_next() =>
        Assert.That(Schedules.LoopedBfs(2, 2, 2).ToCsv(), Is.EqualTo(
            """
            0F0,0F1,2F0,2F1,2B0,2B1,0B0,0B1
            1F0,1F1,3F0,3F1,3B0,3B1,1B0,1B1

            """.ReplaceLineEndings("\n")));

    [Test]
    public void The_bubble_is_N_minus_1_times_F_plus_I_plus_W_of_one_chunk(
        [Values("interleaved-1f1b", "looped-bfs")] string name, [Range(2, 16)] int n, [Values(1, 2, 3, 4)] int chunks)
    {
        foreach (var m in new[] { n, n + 1, 2 * n - 1, 2 * n, 3 * n + 2 })
        {
            var schedule = Schedules.Create(name, n, m, chunks);
            Assert.That(Idle.InMakespan(schedule), Is.EqualTo(3 * (n - 1)), $"{schedule}");

            // The same model on as many ranks, its layers cut into N stages: v times the cost each.
            var uneven = StageCosts.Uniform(n * chunks, 1, 1.25, 0.5);
            var whole = StageCosts.Uniform(n, chunks, 1.25 * chunks, 0.5 * chunks);
            Assert.That(Idle.InMakespan(schedule, uneven) * chunks,
                Is.EqualTo(Idle.InMakespan(Schedules.OneForwardOneBackward(n, m), whole)).Within(1e-9), $"{schedule}");
        }
    }

    [Test]
    public void Interleaved_holds_one_more_than_its_warm_up([Range(1, 16)] int n, [Values(1, 2, 3)] int chunks)
    {
        var m = 4 * n;
        Assert.That(Idle.Held(Schedules.Interleaved(n, m, chunks)),
            Is.EqualTo(Enumerable.Range(0, n).Select(r => 2 * (n - r - 1) + (chunks - 1) * n + 1)));
    }

    [Test]
    public void LoopedBfs_holds_every_forward([Range(1, 8)] int n) =>
        Assert.That(Idle.Held(Schedules.LoopedBfs(n, 5, 3)), Is.All.EqualTo(15));
}
