using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

[Parallelizable]
public sealed class ReorderReceivesTests
{
    [Test]
    public void A_receive_that_blocks_a_forward_moves_behind_it()
    {
        // Rank 0 asks for the gradient of microbatch 0 before it runs F1, which could run at once.
        var blocked = Schedule.FromCsv("0F0,0SEND_F0,0RECV_B0,0F1,0SEND_F1,0B0,0RECV_B1,0B1\n"
            + "1RECV_F0,1F0,1B0,1SEND_B0,1RECV_F1,1F1,1B1,1SEND_B1\n");
        var moved = ReorderReceives.Apply(blocked);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(moved[0], Is.EqualTo(Schedule.FromCsv("0F0,0SEND_F0,0F1,0SEND_F1,0RECV_B0,0B0,0RECV_B1,0B1")[0]));
            Assert.That(ReceivesThatBlock.Makespan(blocked, StageCosts.Uniform(2)), Is.EqualTo(10));
            Assert.That(ReceivesThatBlock.Makespan(moved, StageCosts.Uniform(2)), Is.EqualTo(9));
        }
    }

    [Test]
    public void Receives_cost_no_time_whatever_the_costs(
        [ValueSource(typeof(Catalogue), nameof(Catalogue.Flushing))] string name, [Range(1, 5)] int ranks)
    {
        var random = new Random(7);
        foreach (var schedule in Catalogue.Sizes(name, ranks).Where(s => s.Overlapped.IsEmpty)) // pairs send late, as one
        {
            var costs = new StageCosts(Times(), Times(), Times(), [.. Times().Skip(1).Select(time => new Link(time))]);
            var moved = ReorderReceives.Apply(InsertTransfers.Apply(schedule), costs);
            Assert.That(ReceivesThatBlock.Makespan(moved, costs), Is.EqualTo(Simulator.Summarize(schedule, costs).Makespan)
                .Within(1e-9), $"{schedule}");
            Assert.That(RemoveTransfers.Apply(moved).Actions, Is.EqualTo(schedule.Actions), $"{schedule}");
            Assert.That(ReorderReceives.Apply(moved, costs), Is.EqualTo(moved), $"{schedule}");

            System.Collections.Immutable.ImmutableArray<double> Times() =>
                [.. Enumerable.Range(0, schedule.Stages).Select(_ => 0.2 + random.NextDouble())];
        }
    }

    [Test]
    public void No_receive_makes_a_schedule_slower_than_it_was()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var schedule = RandomSchedule.Create(random, transfers: true);
            var costs = RandomSchedule.Costs(random, schedule.Stages);
            var moved = ReorderReceives.Apply(schedule, costs);
            Assert.That(ScheduleValidator.Violations(moved), Is.Empty, $"seed {seed}");
            Assert.That(ReceivesThatBlock.Makespan(moved, costs),
                Is.LessThanOrEqualTo(ReceivesThatBlock.Makespan(schedule, costs) + 1e-9), $"seed {seed}");
            Assert.That(Schedule.FromCsv(moved.ToCsv()), Is.EqualTo(moved), $"seed {seed}");
        }
    }

    [Test]
    public void What_blocks_nothing_stays_where_it_is(
        [ValueSource(typeof(Catalogue), nameof(Catalogue.Flushing))] string name, [Range(1, 5)] int ranks)
    {
        foreach (var schedule in Catalogue.Sizes(name, ranks).Where(s => s.Overlapped.IsEmpty))
            Assert.That(ReorderReceives.Apply(InsertTransfers.Apply(schedule)), Is.EqualTo(InsertTransfers.Apply(schedule)));
    }

    [Test]
    public void Nothing_is_moved_into_an_overlapped_pair([Range(2, 5)] int ranks)
    {
        foreach (var schedule in Catalogue.Sizes("dualpipe-v", ranks))
        {
            var costs = StageCosts.Uniform(schedule.Stages, link: new Link(0.3));
            var spelled = InsertTransfers.Apply(schedule);
            var moved = ReorderReceives.Apply(spelled, costs);
            Assert.That(Schedule.FromCsv(moved.ToCsv()), Is.EqualTo(moved), $"{schedule}");
            Assert.That(ReceivesThatBlock.Makespan(moved, costs),
                Is.LessThanOrEqualTo(ReceivesThatBlock.Makespan(spelled, costs) + 1e-9));
        }
    }
}
