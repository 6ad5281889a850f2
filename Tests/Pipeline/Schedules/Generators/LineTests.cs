using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class LineTests
{
    [Test]
    public void Naive_finishes_a_microbatch_before_the_next() =>
        Assert.That(Schedules.Naive(2, 2).ToCsv(), Is.EqualTo("0F0,0B0,0F1,0B1\n1F0,1B0,1F1,1B1\n"));

    [Test]
    public void GPipe_runs_all_forwards_first() =>
        Assert.That(Schedules.GPipe(2, 2).ToCsv(), Is.EqualTo("0F0,0F1,0B0,0B1\n1F0,1F1,1B0,1B1\n"));

    [Test]
    public void OneForwardOneBackward_warms_up_with_one_forward_less_per_rank() =>
        Assert.That(Schedules.OneForwardOneBackward(3, 4).ToCsv(), Is.EqualTo(
            """
            0F0,0F1,0F2,0B0,0F3,0B1,0B2,0B3
            1F0,1F1,1B0,1F2,1B1,1F3,1B2,1B3
            2F0,2B0,2F1,2B1,2F2,2B2,2F3,2B3

            """.ReplaceLineEndings("\n")));

    [Test]
    public void OneForwardOneBackward_with_few_microbatches_only_shortens_the_warm_up() =>
        Assert.That(Schedules.OneForwardOneBackward(4, 1).ToCsv(), Is.EqualTo("0F0,0B0\n1F0,1B0\n2F0,2B0\n3F0,3B0\n"));

    [Test]
    public void PipeDream_flush_is_1F1B() =>
        Assert.That(Schedules.Create("pipedream-flush", 3, 5), Is.EqualTo(Schedules.OneForwardOneBackward(3, 5)));
}
