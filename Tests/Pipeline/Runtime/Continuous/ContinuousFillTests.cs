using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>W that run while a stage waits for a message, without flushes.</summary>
public sealed class ContinuousFillTests
{
    private const int Batches = 6;
    private static readonly PipelineOptions Options = ContinuousBench.Options("adamw", 0.5);

    [Test]
    public void Waits_are_filled_with_weight_work_of_the_batch_and_the_bits_stay(
        [Values(1, 3, 1000)] int waits, [Values] bool fuse)
    {
        using LateTransport transport = new(waits);
        using ContinuousBench straight = new(3, 4, options: Options);
        using ContinuousBench bench = new(3, 4, options: Options with { FuseWeights = fuse }, split: TwoStage.Fill,
            transport: transport);
        straight.Run(Batches);
        bench.Run(Batches);
        Assert.That(bench.Bits(), Is.EqualTo(straight.Bits()));
    }

    [Test]
    public void Shared_weights_whose_gradients_and_values_come_late_give_the_same_bits([Values(1, 3, 1000)] int waits)
    {
        UnequalMicrobatches data = new(4);
        using LateTransport transport = new(waits);
        using ContinuousMixedBench bench = new(4, data, TwoStage.Fill, transport: transport);
        bench.Run(Batches);
        Assert.That(bench.Bits, Is.EqualTo(MixedModel.TrainOnOneDevice(data, Batches, delay: 1)));
    }

    [Test]
    public void Weight_work_done_in_a_wait_is_on_the_timeline_where_it_ran_and_not_again_at_its_turn([Values] bool fuse)
    {
        const int Microbatches = 4;
        using LateTransport transport = new(1000);
        using ContinuousBench bench = new(3, Microbatches, options: Options with { FuseWeights = fuse }, split: TwoStage.Fill,
            transport: transport);
        Timeline timeline = bench.Run(Batches).Timeline;
        for (int rank = 0; rank < 3; rank++)
        {
            List<Action> weights =
                [.. timeline.On(rank).SelectMany(e => e.Actions).Where(a => a.Kind == ActionKind.BackwardWeights)];
            Assert.That(weights, Is.EqualTo(Enumerable.Range(0, Batches * Microbatches)
                .Select(m => new Action(rank, ActionKind.BackwardWeights, m))), "each once, in order");
        }
        Action lastInput = new(0, ActionKind.BackwardInputs, Microbatches - 1);
        Assert.That(timeline.On(0).TakeWhile(e => e.Action != lastInput).Count(e => e.Action.Kind == ActionKind.BackwardWeights),
            Is.EqualTo(Microbatches - 1), "the first stage has done all but the last W when the last gradient comes");
    }

    [Test]
    public void A_list_has_its_own_places_for_W_and_nothing_runs_before()
    {
        using LateTransport transport = new(3);
        using ContinuousBench bench = new(2, 3, options: Options, split: TwoStage.Fill, transport: transport);
        Schedule schedule = SplitBackward.Apply(Schedules.PipeDream2BW(2, 3, Batches), TwoStage.End);
        Timeline timeline = bench.Runner.Run([.. bench.Batches(Batches)], schedule).Timeline;
        for (int rank = 0; rank < 2; rank++)
            Assert.That(timeline.On(rank).SelectMany(e => e.Actions).Where(a => a.Kind.IsCompute()),
                Is.EqualTo(schedule[rank].Where(a => a.Kind.IsCompute())));
    }

    [Test]
    public void Weight_work_that_fails_in_a_wait_is_named_and_not_what_the_stage_waits_for()
    {
        GradientTrap trap = new();
        using LateTransport transport = new(1000);
        using ContinuousBench bench = new(3, 4, options: Options, split: TwoStage.Fill, trick: trap, transport: transport);
        int runs = 0;
        trap.WhenRun = () =>
        {
            if (++runs == 6) throw new InvalidOperationException("broken on purpose");
        };
        PipelineException error = Assert.Throws<PipelineException>(() => bench.Run(Batches))!;
        Assert.That(error.Message, Is.EqualTo("Rank 1 failed in 1W5: broken on purpose"));
        bench.Run(Batches - bench.Runner.BatchCount);
        Assert.That(bench.Runner.BatchCount, Is.EqualTo(Batches));
    }
}
