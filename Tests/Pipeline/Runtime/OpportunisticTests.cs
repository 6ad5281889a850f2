using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

public sealed class OpportunisticTests
{
    private static readonly Schedule EndOfStep = SplitBackward.Apply(Schedules.OneForwardOneBackward(3, 5), TwoStage.End);
    private static readonly UnequalMicrobatches Data = new(5);
    private static readonly PipelineOptions Options = MixedModel.Options with { Opportunistic = true };

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(1000)]
    public void Waits_are_filled_with_the_weight_work_of_later_and_the_bits_stay(int waits)
    {
        string expected = MixedModel.TrainOnOneDevice(Data, 2);
        using LateTransport transport = new(waits);
        Assert.That(MixedModel.TrainAsPipeline(EndOfStep, Data, 2, Options, transport), Is.EqualTo(expected));
    }

    [Test]
    public void Weight_work_done_in_a_wait_is_on_the_timeline_where_it_ran_and_not_again_at_its_turn()
    {
        using LateTransport transport = new(1000);
        using MixedBench bench = new(EndOfStep, Options, transport);
        Timeline timeline = bench.Runner.Step(Data).Timeline;
        for (int rank = 0; rank < 3; rank++)
        {
            List<Action> ran = [.. Listed(timeline.On(rank))];
            Assert.That(ran.Distinct(), Is.EquivalentTo(EndOfStep[rank]));
            Assert.That(ran, Has.Count.EqualTo(EndOfStep[rank].Length), "with a message this late each W is done in one go");
        }
        Action lastInput = new(0, ActionKind.BackwardInputs, 4);
        Assert.That(timeline.On(0).TakeWhile(e => e.Action != lastInput).Count(e => e.Action.Kind == ActionKind.BackwardWeights),
            Is.EqualTo(4), "the first stage has done all but the last W when the last gradient comes");
    }

    [Test]
    public void Weight_work_stops_soon_after_the_message_comes_and_ends_at_its_turn()
    {
        // On one rank every message is there at once, but for the two times that the transport denies it.
        Schedule schedule = Schedule.FromCsv("0F0,1F0,0F1,1F1,1I0,0I0,1I1,0I1,0W0,0W1,1W0,1W1");
        UnequalMicrobatches data = new(2);
        using LateTransport transport = new(2);
        using MixedBench bench = new(schedule, Options, transport);
        Timeline timeline = bench.Runner.Step(data).Timeline;
        Action weights = new(1, ActionKind.BackwardWeights, 0), input = new(0, ActionKind.BackwardInputs, 0);
        List<TimelineEvent> before = [.. timeline.Events.TakeWhile(e => e.Action != input).Where(e => e.Action == weights)];
        Assert.That(before, Has.Count.EqualTo(4), "once for each message that 0I0 takes");
        Assert.That(timeline.Events.Count(e => e.Action == weights), Is.GreaterThan(4), "and the rest later");
        Assert.That(Listed(timeline.Events).Distinct(), Is.EquivalentTo(schedule[0]));
        Assert.That(ParameterHash.Of(bench.Runner.Parameters), Is.EqualTo(MixedModel.TrainOnOneDevice(data, 1)));
    }

    [Test]
    public void Without_the_mode_a_rank_that_waits_keeps_to_its_list()
    {
        using LateTransport transport = new(3);
        using MixedBench bench = new(EndOfStep, transport: transport);
        Timeline timeline = bench.Runner.Step(Data).Timeline;
        for (int rank = 0; rank < 3; rank++)
            Assert.That(Listed(timeline.On(rank)), Is.EqualTo(EndOfStep[rank]));
    }

    [Test]
    public void Weight_work_that_fails_in_a_wait_is_named_and_not_what_the_rank_waits_for()
    {
        using LateTransport transport = new(1000);
        using MixedBench bench = new(EndOfStep, Options, transport);
        bench.Runner.Step(Data);
        GradientTrap trap = new() { WhenRun = () => throw new InvalidOperationException("broken on purpose") };
        using TrapBench trapped = new(trap, Options, new LateTransport(1000));
        PipelineException error = Assert.Throws<PipelineException>(() => trapped.Runner.Step(Data))!;
        Assert.That(error.Action, Is.EqualTo(new Action(0, ActionKind.BackwardWeights, 0)));
        Assert.That(error.Message, Does.Contain("Rank 0 failed in 0W0: broken on purpose"));
        trap.WhenRun = null;
        Assert.That(trapped.Runner.Step(Data).Step, Is.Zero, "the next step runs");
    }

    [Test]
    public void Cancelling_during_weight_work_in_a_wait_ends_the_step()
    {
        using CancellationTokenSource source = new();
        GradientTrap trap = new() { WhenRun = source.Cancel };
        using TrapBench trapped = new(trap, Options, new LateTransport(1000));
        Assert.That(() => trapped.Runner.Step(Data, source.Token), Throws.InstanceOf<OperationCanceledException>());
        trap.WhenRun = null;
        Assert.That(trapped.Runner.Step(Data).Step, Is.Zero, "the next step runs");
    }

    /// <summary>What the lists have: the sum of the tied embedding's gradients follows them.</summary>
    private static IEnumerable<Action> Listed(IEnumerable<TimelineEvent> events) =>
        events.SelectMany(e => e.Actions).Where(a => !a.Kind.IsStageWide());
}
