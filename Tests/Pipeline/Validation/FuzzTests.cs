using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class FuzzTests
{
    private const int Seed = 6009;

    [Test]
    public void Random_legal_schedules_validate_simulate_split_and_round_trip()
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 300; trial++)
        {
            var schedule = RandomSchedule.Create(random);
            var where = $"seed {Seed}, trial {trial}: {schedule}\n{schedule.ToGrid()}";
            Assert.That(ScheduleValidator.Violations(schedule), Is.Empty, where);
            Assert.That(Schedule.FromCsv(schedule.ToCsv()), Is.EqualTo(schedule), where);
            var costs = StageCosts.Uniform(schedule.Stages, 1, 2, 3, new(0.5));
            var timeline = Simulator.Run(schedule, costs);
            var busy = Enumerable.Range(0, schedule.Ranks).Sum(timeline.Busy);
            Assert.That(busy, Is.EqualTo(6 * schedule.Stages * schedule.Microbatches), where);
            foreach (var policy in Enum.GetValues<TwoStage>())
            {
                var split = SplitBackward.Apply(schedule, policy, costs);
                Assert.That(ScheduleValidator.Violations(split), Is.Empty, $"{policy}, {where}");
            }
        }
    }

    [Test]
    public void Exchanged_actions_are_refused_exactly_when_the_lists_no_longer_reach_their_end()
    {
        var random = new Random(Seed);
        var (legal, order, progress) = (0, 0, 0);
        for (var trial = 0; trial < 2000; trial++)
        {
            var schedule = RandomSchedule.Create(random);
            var lists = schedule.Actions.Select(list => list.ToArray()).ToArray();
            var list = lists.MaxBy(l => l.Length)!;
            var (one, other) = (random.Next(list.Length), random.Next(list.Length));
            (list[one], list[other]) = (list[other], list[one]);
            var exchanged = new Schedule("exchanged", lists);
            var rule = ScheduleValidator.Violations(exchanged).Select(v => v.Rule.Name).FirstOrDefault();
            Assert.That(rule is null, Is.EqualTo(RandomSchedule.ReachesItsEnd(exchanged)),
                $"seed {Seed}, trial {trial}: {rule}\n{exchanged.ToGrid()}");
            Assert.That(rule, Is.AnyOf(null, "order", "progress"));
            (legal, order, progress) = rule switch
            {
                null => (legal + 1, order, progress),
                "order" => (legal, order + 1, progress),
                _ => (legal, order, progress + 1),
            };
        }
        Assert.That(new[] { legal, order, progress }, Is.All.GreaterThan(50), "all three outcomes are exercised");
    }
}
