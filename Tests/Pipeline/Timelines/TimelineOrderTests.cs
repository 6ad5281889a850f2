using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

public sealed class TimelineOrderTests
{
    [Test]
    public void The_path_of_a_naive_schedule_is_the_whole_run()
    {
        var timeline = Simulator.Run(Schedules.Naive(3, 1), StageCosts.Uniform(3, link: new(0.5)));
        Assert.That(Labels(timeline, Chain(timeline).Events), Is.EqualTo(new[] { "0F0", "1F0", "2F0", "2B0", "1B0", "0B0" }));
        Assert.That((Chain(timeline).Working, Chain(timeline).Waiting), Is.EqualTo((9.0, 2.0)), "two transfers there, two back");
    }

    [Test]
    public void Without_transfers_each_event_of_the_path_starts_as_the_one_before_ends(
        [Values("gpipe", "1f1b", "zb-h1", "zb-v", "interleaved-1f1b")] string name, [Values(2, 4, 6)] int ranks)
    {
        var schedule = Schedules.Create(name, ranks, 2 * ranks);
        var timeline = Simulator.Run(schedule, StageCosts.Uniform(schedule.Stages, 0.1, 0.3, 0.7));
        var chain = Chain(timeline);
        var events = chain.Events.Select(i => timeline.Events[i]).ToArray();
        Assert.That(events[0].Start, Is.Zero);
        Assert.That(events[^1].End, Is.EqualTo(timeline.End));
        Assert.That(events.Zip(events.Skip(1), (a, b) => b.Start - a.End), Has.All.EqualTo(0).Within(1e-9));
        Assert.That(chain.Waiting, Is.EqualTo(0).Within(1e-9));
    }

    [Test]
    public void A_recorded_wait_decides_what_came_before()
    {
        var timeline = new Timeline("t", 2,
        [
            new(0, Action.Parse("0F0"), 0, 1), new(0, Action.Parse("0F1"), 1, 4),
            new(1, Action.Parse("1W9"), 0, 5), new(1, Action.Parse("1F0"), 5.5, 1) { WaitedFor = Action.Parse("0F0") },
        ]);
        Assert.That(Labels(timeline, Chain(timeline).Events), Is.EqualTo(new[] { "0F0", "1F0" }));
        Assert.That((Chain(timeline).Working, Chain(timeline).Waiting), Is.EqualTo((2.0, 4.5)));
    }

    [Test]
    public void A_result_that_left_before_its_action_ended_counts_once()
    {
        var timeline = new Timeline("t", 2,
            [new(0, Action.Parse("0F0"), 0, 1.25), new(1, Action.Parse("1F0"), 1, 2) { WaitedFor = Action.Parse("0F0") }]);
        Assert.That((Chain(timeline).Working, Chain(timeline).Waiting), Is.EqualTo((3.0, 0.0)));
    }

    [Test]
    public void Steps_that_repeat_lead_back_to_the_latest_of_the_same_name()
    {
        var step = Simulator.Run(Schedules.GPipe(2, 2), StageCosts.Uniform(2)).Events;
        var timeline = new Timeline("two steps", 2, step.Concat(step.Select(e => e with { Start = e.Start + 9 })));
        var chain = Chain(timeline);
        Assert.That(chain.Waiting, Is.Zero);
        Assert.That(timeline.Events[chain.Events[0]].Start, Is.Zero);
    }

    [Test]
    public void Events_in_an_impossible_order_still_have_a_path()
    {
        var timeline = new Timeline("t", 2,
        [
            new(0, Action.Parse("0B0"), 0, 0) { WaitedFor = Action.Parse("1B0") }, new(0, Action.Parse("0F0"), 0, 0),
            new(1, Action.Parse("1B0"), 0, 0), new(1, Action.Parse("1F0"), 0, 0) { WaitedFor = Action.Parse("0F0") },
        ]);
        Assert.That(Chain(timeline).Events, Is.Not.Empty.And.Unique);
        Assert.That(new TimelineFacts(timeline).Steps, Has.All.InRange(0, 3));
    }

    [Test]
    public void Steps_depend_on_the_schedule_and_not_on_its_times([Values("1f1b", "zb-h2", "v-half")] string name)
    {
        var schedule = Schedules.Create(name, 4, 8);
        var even = Simulator.Run(schedule, StageCosts.Uniform(schedule.Stages));
        var odd = Simulator.Run(schedule, StageCosts.Uniform(schedule.Stages, 0.7, 2.3, 0.2, new(0.4)));
        Assert.That(new TimelineFacts(odd).Steps, Is.EqualTo(new TimelineFacts(even).Steps));
    }

    [Test]
    public void At_unit_costs_a_step_is_a_unit()
    {
        var split = SplitBackward.Apply(Schedules.OneForwardOneBackward(4, 8), TwoStage.Fill);
        var timeline = Simulator.Run(split, StageCosts.Uniform(4));
        Assert.That(new TimelineFacts(timeline).Steps, Is.EqualTo(timeline.Events.Select(e => e.Start)));
    }

    [Test]
    public void Fused_work_takes_a_step_for_each_microbatch_and_what_follows_stands_as_if_it_were_apart()
    {
        TimelineEvent[] apart =
        [
            new(0, Action.Parse("0I0"), 0, 1), new(0, Action.Parse("0I1"), 1, 1), new(0, Action.Parse("0W0"), 2, 1),
            new(0, Action.Parse("0W1"), 3, 1), new(0, Action.Parse("0F2"), 4, 1), new(1, Action.Parse("1F2"), 5, 1),
        ];
        TimelineEvent[] fused = [.. apart[..2], new(0, Action.Parse("0W0"), 2, 2, Microbatches: 2), .. apart[4..]];
        Assert.That(new TimelineFacts(new("apart", 2, apart)).Steps, Is.EqualTo(new[] { 0, 1, 2, 3, 4, 5 }));
        Assert.That(new TimelineFacts(new("fused", 2, fused)).Steps, Is.EqualTo(new[] { 0, 1, 2, 4, 5 }));
    }

    [Test]
    public void What_reads_a_fused_event_comes_after_all_its_steps() =>
        Assert.That(new TimelineFacts(new("fused", 2,
        [
            new(0, Action.Parse("0F0"), 0, 1, Microbatches: 3), new(1, Action.Parse("1F1"), 1, 1),
        ])).Steps, Is.EqualTo(new[] { 0, 3 }));

    [Test]
    public void A_wait_that_nobody_recorded_follows_from_what_was_read()
    {
        var run = Simulator.Run(Schedules.Naive(2, 1), StageCosts.Uniform(2, link: new(0.5)));
        var silent = new Timeline("t", 2, run.Events.Select(e => e with { WaitedFor = null }));
        Assert.That(Waits(run), Is.EqualTo(new[] { "0B0 4 1B0 True", "1F0 1.5 0F0 True" }));
        Assert.That(Waits(silent), Is.EqualTo(new[] { "0B0 4 1B0 False", "1F0 1.5 0F0 False" }));
    }

    private static TimelineChain Chain(Timeline timeline) => TimelineChain.Of(timeline, new(timeline));

    private static IEnumerable<string> Labels(Timeline timeline, IEnumerable<int> events) =>
        events.Select(i => timeline.Events[i].Label);

    private static IEnumerable<string> Waits(Timeline timeline) => TimelineWaits.Of(timeline, new(timeline))
        .Select(w => $"{timeline.Events[w.Event].Label} {w.Idle} {w.Text} {w.Recorded}");
}
