using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>A RECV is posted where it stands, and the action that reads its data waits: as PyTorch's runtime and ours do
/// it.</summary>
[Parallelizable]
public sealed class SpelledTransfersTests
{
    [Test]
    public void Every_schedule_takes_the_same_time_with_its_transfers_and_without(
        [ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name, [Values(1, 3, 4)] int ranks,
        [Values(TransferMode.Overlapped, TransferMode.OneAtATime)] TransferMode mode)
    {
        var random = new Random(ranks);
        foreach (var plain in Catalogue.Sizes(name, ranks).Where((_, i) => i % 7 == ranks % 7))
            foreach (var schedule in new[] { plain, SplitBackward.Apply(plain, TwoStage.Fill) })
            {
                var costs = RandomSchedule.Costs(random, schedule.Stages) with
                {
                    Transfers = mode,
                    AllReduce = [.. Enumerable.Range(0, schedule.Stages).Select(_ => random.NextDouble())],
                    AllReduceOverlaps = random.Next(2) == 0,
                };
                SpelledTransfers.RequireSame(schedule, null, costs);
            }
    }

    [Test]
    public void A_receive_far_before_its_reader_holds_nothing_up()
    {
        // Rank 1 asks for everything first; a receive that blocked would wait for F1, which waits for the gradient of F0.
        var posted = Schedule.FromCsv("0F0,0SEND_F0,0RECV_B0,0B0,0F1,0SEND_F1,0RECV_B1,0B1\n"
            + "1RECV_F0,1RECV_F1,1F0,1B0,1SEND_B0,1F1,1B1,1SEND_B1");
        Assert.That(ScheduleValidator.Violations(posted), Is.Empty);
        Assert.That(Simulator.Run(posted, StageCosts.Uniform(2)).Makespan, Is.EqualTo(12));
    }

    [Test]
    public void A_receive_holds_its_rank_up_where_transfers_block()
    {
        var schedule = Schedule.FromCsv("0F0,0SEND_F0,0RECV_B0,0F1,0SEND_F1,0B0,0RECV_B1,0B1\n"
            + "1RECV_F0,1F0,1B0,1SEND_B0,1RECV_F1,1F1,1B1,1SEND_B1");
        Assert.That(Makespan(TransferMode.Overlapped), Is.EqualTo(9));
        Assert.That(Makespan(TransferMode.Blocking), Is.EqualTo(10));

        double Makespan(TransferMode mode) =>
            Simulator.Run(schedule, StageCosts.Uniform(2) with { Transfers = mode }).Makespan;
    }

    [Test]
    public void A_send_that_stands_late_leaves_late()
    {
        var late = Schedule.FromCsv("0F0,0F1,0SEND_F0,0SEND_F1,0B0,0B1\n1RECV_F0,1F0,1RECV_F1,1F1,1B0,1B1");
        var f0 = Simulator.Run(late, StageCosts.Uniform(2, link: new(0.5))).On(1)[0];
        Assert.That((f0.Start, f0.WaitedFor.ToString()), Is.EqualTo((2.5, "0F0")));
    }
}
