using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

[Parallelizable]
public sealed class RandomScheduleTests
{
    private const int Seed = 20241;

    [Test]
    public void The_simulator_agrees_with_a_naive_one(
        [Values(TransferMode.Overlapped, TransferMode.OneAtATime)] TransferMode mode) =>
        ForMany((schedule, costs, trial) =>
        {
            costs = costs with { Transfers = mode };
            var expected = NaiveSimulator.Starts(schedule, costs);
            foreach (var e in Simulator.Run(schedule, costs).Events)
                Assert.That(e.Start, Is.EqualTo(expected[e.Action]).Within(1e-9), $"{trial}: {e.Action}\n{schedule.ToGrid()}");
        });

    [Test]
    public void Links_with_less_freedom_never_let_anything_start_earlier() =>
        ForMany((schedule, costs, trial) =>
        {
            var free = Simulator.Run(schedule, costs).Events.ToDictionary(e => e.Action, e => e.Start);
            foreach (var mode in new[] { TransferMode.OneAtATime, TransferMode.Blocking })
                foreach (var e in Simulator.Run(schedule, costs with { Transfers = mode }).Events)
                    if (e.Action.Kind.IsCompute())
                        Assert.That(e.Start, Is.GreaterThanOrEqualTo(free[e.Action] - 1e-9), $"{trial}, {mode}: {e.Action}");
        });

    [Test]
    public void Blocking_transfers_occupy_both_ranks_and_nothing_overlaps() =>
        ForMany((schedule, costs, trial) =>
        {
            var timeline = Simulator.Run(schedule, costs with { Transfers = TransferMode.Blocking });
            for (var rank = 0; rank < timeline.Ranks; rank++)
                foreach (var (earlier, later) in timeline.On(rank).Zip(timeline.On(rank).Skip(1)))
                    Assert.That(later.Start, Is.GreaterThanOrEqualTo(earlier.End - 1e-9), $"{trial}: {earlier} {later}");
            var sends = timeline.Events.Where(e => e.Action.Kind is ActionKind.SendForward or ActionKind.SendBackward);
            var receives = timeline.Events.Where(e => e.Action.Kind is ActionKind.ReceiveForward or ActionKind.ReceiveBackward);
            Assert.That(sends.Select(e => (e.Start, e.End)).Order(), Is.EqualTo(receives.Select(e => (e.Start, e.End)).Order()));
        });

    [Test]
    public void Spelled_out_transfers_change_nothing(
        [Values(TransferMode.Overlapped, TransferMode.OneAtATime)] TransferMode mode)
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 100; trial++)
        {
            var state = random.Next();
            var implied = RandomSchedule.Create(new Random(state));
            var spelled = RandomSchedule.Create(new Random(state), transfers: true);
            var costs = RandomSchedule.Costs(random, implied.Stages) with { Transfers = mode };
            SpelledTransfers.RequireSame(implied, spelled, costs);
        }
    }

    [Test]
    public void No_event_of_the_critical_path_has_slack_and_the_path_explains_the_makespan() =>
        ForMany((schedule, costs, trial) =>
        {
            var timeline = Simulator.Run(schedule, costs);
            var path = CriticalPath.Of(timeline, costs);
            var slack = timeline.Events.Zip(path.Slack).ToDictionary(pair => pair.First.Action, pair => pair.Second);
            Assert.That(path.Events.Select(e => slack[e.Action]), Is.All.LessThan(1e-9), $"{trial}");
            var transfers = path.Events.Zip(path.Events.Skip(1)).Sum(pair => pair.First.Rank == pair.Second.Rank ? 0
                : costs.Transfer(pair.First.Action.Stage, pair.Second.Action.Stage));
            Assert.That(path.Events.Sum(e => e.Duration) + transfers, Is.EqualTo(timeline.Makespan).Within(1e-9), $"{trial}");
        });

    [Test]
    public void An_event_that_takes_longer_by_its_slack_changes_no_makespan_and_by_more_does()
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 60; trial++)
        {
            // One microbatch: then an action's cost is its stage's alone.
            Schedule schedule;
            do
                schedule = RandomSchedule.Create(random);
            while (schedule.Microbatches > 1);
            var costs = RandomSchedule.Costs(random, schedule.Stages) with { Recompute = [.. new bool[schedule.Stages]] };
            var timeline = Simulator.Run(schedule, costs);
            var path = CriticalPath.Of(timeline, costs);
            var at = Enumerable.Range(0, timeline.Events.Length).First(i => timeline.Events[i].Action.Kind == ActionKind.Forward);
            var (stage, slack) = (timeline.Events[at].Action.Stage, path.Slack[at]);
            Assert.That(Longer(slack), Is.EqualTo(timeline.Makespan).Within(1e-9), $"{trial}");
            Assert.That(Longer(slack + 1), Is.EqualTo(timeline.Makespan + 1).Within(1e-9), $"{trial}");

            double Longer(double by) => Simulator.Run(schedule, new(
                costs.Forward.SetItem(stage, costs.Forward[stage] + by), costs.Inputs, costs.Weights, costs.Links)
            {
                BackLinks = costs.BackLinks,
            }).Makespan;
        }
    }

    [Test]
    public void Summaries_say_what_timelines_say() =>
        ForMany((schedule, costs, trial) =>
        {
            var (timeline, summary) = (Simulator.Run(schedule, costs), Simulator.Summarize(schedule, costs));
            Assert.That(summary.Makespan, Is.EqualTo(timeline.Makespan));
            Assert.That(summary.BubbleRatio, Is.EqualTo(timeline.BubbleRatio).Within(1e-9));
            for (var rank = 0; rank < schedule.Ranks; rank++)
            {
                Assert.That(summary.Idle[rank], Is.EqualTo(timeline.Idle(rank)).Within(1e-9));
                var held = timeline.On(rank).Max(e => e.HeldBytes)!.Value;
                Assert.That(summary.PeakBytes[rank], Is.GreaterThanOrEqualTo(held));
            }
            Assert.That(summary.Held, Is.EqualTo(HeldState.Peaks(timeline)), $"{trial}");
        });

    private static void ForMany(Action<Schedule, StageCosts, string> check)
    {
        var random = new Random(Seed);
        for (var trial = 0; trial < 150; trial++)
        {
            var schedule = RandomSchedule.Create(random);
            check(schedule, RandomSchedule.Costs(random, schedule.Stages), $"seed {Seed}, trial {trial}");
        }
    }
}
