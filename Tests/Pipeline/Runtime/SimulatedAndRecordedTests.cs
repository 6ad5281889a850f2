using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>The simulator, given what the graphs declare, says exactly what the runtime then does.</summary>
public sealed class SimulatedAndRecordedTests
{
    private const int Ranks = 2, Microbatches = 4;

    [Test]
    public void The_simulator_and_the_runtime_agree_on_order_and_bytes(
        [ValueSource(typeof(Catalogue), nameof(Catalogue.Flushing))] string name, [Values] TwoStage policy)
    {
        Schedule schedule = SplitBackward.Apply(Schedules.Create(name, Ranks, Microbatches), policy);
        using PipelineBench bench = new(schedule, options: TinyGpt.Options with { FuseWeights = false });
        bench.Step();
        Timeline recorded = bench.Step().Timeline;
        StageCosts costs = StageCosts.Uniform(schedule.Stages) with
        {
            Memory =
            [
                .. bench.Runner.Stages.Select(s => s.DeclaredBytes(0)).Select(b => new StageMemory(b.Forwarded, b.InputsDone)),
            ],
        };
        Timeline simulated = Simulator.Run(schedule, costs);
        for (int rank = 0; rank < Ranks; rank++)
        {
            var (ran, expected) = (recorded.On(rank), simulated.On(rank));
            Assert.That(ran.Select(e => e.Action), Is.EqualTo(expected.Select(e => e.Action)), $"rank {rank}");
            Assert.That(ran.Select(e => e.HeldBytes), Is.EqualTo(expected.Select(e => e.HeldBytes)), $"rank {rank}");
        }
        Assert.That(HeldBytes.Peaks(schedule, costs),
            Is.EqualTo(Enumerable.Range(0, Ranks).Select(rank => recorded.On(rank).Max(e => e.HeldBytes!.Value))));
    }

    [Test]
    public void They_agree_on_the_order_of_all_work_and_on_the_bytes_of_sums_where_stages_share_weights(
        [ValueSource(typeof(Catalogue), nameof(Catalogue.Flushing))] string name, [Values] TwoStage policy)
    {
        Schedule schedule = SplitBackward.Apply(Schedules.Create(name, Ranks, Microbatches), policy);
        using MixedBench bench = new(schedule, MixedModel.Options with { FuseWeights = false });
        UnequalMicrobatches data = new(Microbatches);
        bench.Runner.Step(data);
        Timeline recorded = bench.Runner.Step(data).Timeline;
        long table = bench.Model.Embedding.Table.Data.View.Bytes;
        long moved = schedule.RankOf(0) == schedule.RankOf(schedule.Stages - 1) ? 0 : table;
        StageCosts costs = StageCosts.Uniform(schedule.Stages) with
        {
            AllReduce = [1, .. new double[schedule.Stages - 1]],
            AllReduceBytes = [moved, .. new long[schedule.Stages - 1]],
        };
        Timeline simulated = Simulator.Run(schedule, costs);
        for (int rank = 0; rank < Ranks; rank++)
            Assert.That(recorded.On(rank).Select(e => e.Action), Is.EqualTo(simulated.On(rank).Select(e => e.Action)));
        var (sum, expected) = (recorded.On(0)[^1], simulated.On(0)[^1]);
        Assert.That(sum.Action.Kind, Is.EqualTo(ActionKind.ReduceGradient));
        Assert.That((sum.MovedBytes, sum.HeldBytes), Is.EqualTo((moved, 0L)));
        Assert.That((expected.MovedBytes, expected.HeldBytes), Is.EqualTo((moved, 0L)));
    }

    [Test]
    public void A_profile_has_the_time_of_sums_of_shared_weights_where_they_are_taken()
    {
        using MixedBench bench = new(SplitBackward.Apply(Schedules.OneForwardOneBackward(3, 4), TwoStage.Fill));
        StageCosts costs = Profiler.Costs([bench.Runner.Step(new UnequalMicrobatches(4)).Timeline], 3);
        Assert.That(costs.AllReduce.Select(time => time > 0), Is.EqualTo(new[] { true, false, false }));
    }
}
