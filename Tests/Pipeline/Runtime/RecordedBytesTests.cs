using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

public sealed class RecordedBytesTests
{
    private static readonly UnequalMicrobatches Data = new(5);

    private static Schedule OneFOneB(int stages, TwoStage policy) =>
        SplitBackward.Apply(Schedules.OneForwardOneBackward(stages, 5), policy);

    [Test]
    public void The_bytes_held_after_every_action_are_those_that_the_declarations_give(
        [Values] TwoStage policy, [Values(1, 3)] int stages, [Values] bool recompute)
    {
        PipelineOptions options = MixedModel.Options with { Recompute = s => recompute && s % 2 == 0 };
        using MixedBench bench = new(OneFOneB(stages, policy), options);
        bench.Runner.Step(Data);
        RequireDeclared(bench, bench.Runner.Step(Data).Timeline);
    }

    [TestCase("0,1,0,1")]
    [TestCase("0,1,1,0")]
    public void So_are_those_of_ranks_with_several_stages(string placement)
    {
        Schedule schedule = RandomSchedule.Ascending([.. placement.Split(',').Select(int.Parse)], 5, seed: 1);
        using MixedBench bench = new(schedule);
        RequireDeclared(bench, bench.Runner.Step(Data).Timeline);
    }

    [TestCase("0F0,0F1,0F2,0F3,0F4,0B4,0B3,0B2,0B1,0B0\n1F0,1F1,1F2,1F3,1F4,1B4,1B3,1B2,1B1,1B0")]
    [TestCase("0F0,0F1,0F2,0F3,0F4,0I0,0I1,0W1,0I2,0W2,0W0,0B4,0B3\n1F0,1B0,1F1,1B1,1F2,1B2,1F3,1F4,1B4,1B3")]
    public void So_are_those_of_a_schedule_whose_weights_are_held_back(string csv)
    {
        using MixedBench bench = new(Schedule.FromCsv(csv));
        Timeline timeline = bench.Runner.Step(Data).Timeline;
        RequireDeclared(bench, timeline);
        Action[] ran = [.. timeline.Events.SelectMany(e => e.Actions).Where(a => !a.Kind.IsStageWide())];
        Assert.That(ran, Is.EquivalentTo(bench.Runner.Schedule.Actions.SelectMany(a => a)), "what the runner says it runs");
    }

    [Test]
    public void A_stage_that_recomputes_holds_what_it_received_and_peaks_lower()
    {
        Schedule schedule = Schedules.GPipe(2, 5);
        using MixedBench plain = new(schedule), recomputing = new(schedule, MixedModel.Options with { Recompute = _ => true });
        long less = Most(recomputing.Runner.Step(Data).Timeline), more = Most(plain.Runner.Step(Data).Timeline);
        Assert.That(less, Is.LessThan(more));
        // Layer 5 starts stage 1: it receives its input, the start of the inner skip connection, and two ends of the outer one.
        long tokens = Data.InputShape(0).ElementCount;
        Assert.That(recomputing.Runner.Stages[1].DeclaredBytes(0).Forwarded, Is.EqualTo(4 * tokens * 8 * sizeof(float)));
        Assert.That(recomputing.Runner.Stages[0].DeclaredBytes(0).Forwarded, Is.Zero, "its input is the data");
        for (int rank = 0; rank < 2; rank++)
            Assert.That(recomputing.Backends[rank].Memory.PeakBytes, Is.LessThan(plain.Backends[rank].Memory.PeakBytes));

        static long Most(Timeline timeline) => timeline.Events.Max(e => e.HeldBytes!.Value);
    }

    [Test]
    public void Events_say_what_they_took_in_from_other_ranks_and_what_they_waited_for()
    {
        using LateTransport transport = new(1);
        using MixedBench bench = new(OneFOneB(2, TwoStage.Off), transport: transport);
        Timeline timeline = bench.Runner.Step(Data).Timeline;
        foreach (TimelineEvent e in timeline.Events)
        {
            if (e.Action.Kind == ActionKind.ReduceGradient) continue;
            bool arrives = (e.Action.Stage, e.Action.Kind) is (1, ActionKind.Forward) or (0, ActionKind.Backward);
            // The neighbour's message, the inner skip connection's, and one for each end of the outer one.
            long bytes = 4L * Data.InputShape(e.Action.Microbatch).ElementCount * 8 * sizeof(float);
            Assert.That(e.MovedBytes, Is.EqualTo(arrives ? bytes : 0), e.Label);
            Assert.That(e.WaitedFor, Is.EqualTo(arrives ? e.Action with { Stage = 1 - e.Action.Stage } : (Action?)null), e.Label);
        }
    }

    [Test]
    public void What_comes_from_a_stage_of_the_same_rank_is_not_moved_nor_waited_for()
    {
        using MixedBench bench = new(RandomSchedule.Ascending([0, 0, 0], 5, seed: 2));
        foreach (TimelineEvent e in bench.Runner.Step(Data).Timeline.Events)
            Assert.That((e.MovedBytes, e.WaitedFor), Is.EqualTo((0L, (Action?)null)));
    }

    private static void RequireDeclared(MixedBench bench, Timeline timeline)
    {
        for (int rank = 0; rank < timeline.Ranks; rank++)
        {
            long held = 0;
            foreach (TimelineEvent e in timeline.On(rank))
            {
                foreach (Action action in e.Actions.Where(a => !a.Kind.IsStageWide()))
                {
                    StageBytes bytes = bench.Runner.Stages[action.Stage].DeclaredBytes(action.Microbatch);
                    held += action.Kind switch
                    {
                        ActionKind.Forward => bytes.Forwarded,
                        ActionKind.BackwardInputs => bytes.InputsDone - bytes.Forwarded,
                        ActionKind.BackwardWeights => -bytes.InputsDone,
                        _ => -bytes.Forwarded,
                    };
                }
                Assert.That(e.HeldBytes, Is.EqualTo(held), $"rank {rank} after {e.Label}");
            }
            Assert.That(held, Is.Zero);
        }
    }
}
