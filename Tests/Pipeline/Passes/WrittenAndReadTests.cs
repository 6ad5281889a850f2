using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Whatever a pass makes is legal, and comes back equal from its text.</summary>
public sealed class WrittenAndReadTests
{
    private const int Seed = 2405;

    [Test]
    public void What_a_pass_makes_of_a_built_in_schedule([ValueSource(typeof(Schedules), nameof(Schedules.Names))] string name)
    {
        var random = new Random(Seed);
        foreach (var schedule in Catalogue.Sizes(name, 4).Where((_, index) => index % 11 == 0))
        {
            CheckAll(schedule, random);
            if (Schedules.Info(name).Flushes)
                CheckAll(RandomSchedule.Decorated(random, schedule), random);
        }
    }

    [Test]
    public void What_a_pass_makes_of_a_random_schedule()
    {
        var random = new Random(Seed);
        var (pairs, sharded) = (0, 0);
        for (var trial = 0; trial < 80; trial++)
        {
            var schedule = RandomSchedule.Decorated(random, RandomSchedule.Create(random, transfers: trial % 2 == 0));
            pairs += schedule.Overlapped.Count;
            sharded += schedule.Actions.Sum(list => list.Count(action => action.Kind == ActionKind.Reshard));
            CheckAll(schedule, random);
        }
        Assert.That(new[] { pairs, sharded }, Is.All.GreaterThan(50), "pairs and shards are exercised");
    }

    [Test]
    public void A_weight_gradient_in_the_wait_of_a_pair_takes_it_apart()
    {
        // Rank 0 runs 0F2 while 1I1 is not there yet, and has W to run meanwhile.
        var schedule = Schedule.FromCsv("0F0,0F1,0B0,(0F2;0B1)OVERLAP_F_B,0B2\n1F0,1B0,1F1,1B1,1F2,1B2");
        var split = SplitBackward.Apply(schedule, TwoStage.Fill, new([1, 1], [1, 4], [2, 1]));
        Assert.That(split.ToCsv(), Does.Contain("0F2,0W0,0I1"));
        Assert.That(split.Overlapped, Is.Empty);
    }

    [Test]
    public void A_pair_that_stays_side_by_side_stays_a_pair()
    {
        var schedule = Schedule.FromCsv("0F0,(0F1;0B0)OVERLAP_F_B,0B1");
        foreach (var policy in new[] { TwoStage.End, TwoStage.Eager, TwoStage.Fill })
            Assert.That(SplitBackward.Apply(schedule, policy).ToCsv(), Does.Contain("(0F1;0I0)OVERLAP_F_B"), $"{policy}");
    }

    [TestCase("0F1")]
    [TestCase("0W0")]
    [TestCase("9F9")]
    public void A_pair_that_is_none_makes_no_schedule(string overlapped) => Assert.That(
        () => new Schedule("bad", Schedule.FromCsv("0F0,0I0,0F1,0W0,0I1,0W1").Actions,
            [AutogradCore.Pipeline.Action.Parse(overlapped)]),
        Throws.TypeOf<ScheduleException>().With.Message.Contains($"overlaps {overlapped} with no backward pass"));

    private static void CheckAll(Schedule schedule, Random random)
    {
        var costs = RandomSchedule.Costs(random, schedule.Stages);
        Check(schedule, "as it is");
        foreach (var policy in Enum.GetValues<TwoStage>())
        {
            var split = SplitBackward.Apply(schedule, policy, costs);
            Check(split, $"{policy}");
            Check(FuseBackward.Apply(split), $"{policy}, fused");
            var spelled = InsertTransfers.Apply(split);
            Check(spelled, $"{policy}, spelled out");
            Check(ReorderReceives.Apply(spelled, costs), $"{policy}, reordered");
            Check(SplitBackward.Apply(spelled, TwoStage.Fill, costs), $"{policy}, spelled out, filled");
            Check(RemoveTransfers.Apply(spelled), $"{policy}, spelled out and back");
        }

        void Check(Schedule made, string how)
        {
            var where = $"seed {Seed}, {schedule}, {how}:\n{schedule.ToCsv()}\n{made.ToCsv()}";
            Assert.That(Schedule.FromCsv(made.ToCsv()), Is.EqualTo(made), where);
            Assert.That(ScheduleValidator.Violations(made).Select(violation => violation.Message), Is.Empty, where);
        }
    }
}
