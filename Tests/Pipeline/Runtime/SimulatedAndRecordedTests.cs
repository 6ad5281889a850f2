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
}
