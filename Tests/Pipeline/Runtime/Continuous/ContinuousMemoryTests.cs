using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class ContinuousMemoryTests
{
    [TestCase(TwoStage.Off)]
    [TestCase(TwoStage.Eager)]
    public void A_stage_holds_the_forward_state_of_at_most_depth_minus_stage_microbatches(TwoStage split)
    {
        const int depth = 3;
        using ContinuousBench bench = new(depth, 4, split: split);
        Timeline timeline = bench.Run(6).Timeline;
        for (int stage = 0; stage < depth; stage++)
        {
            int held = 0, most = 0;
            foreach (TimelineEvent e in timeline.On(stage))
            {
                held += e.Action.Kind switch
                {
                    ActionKind.Forward => 1,
                    ActionKind.Backward or ActionKind.BackwardWeights => -e.Microbatches,
                    _ => 0,
                };
                most = Math.Max(most, held);
            }
            Assert.That(most, Is.EqualTo(depth - stage));
            Assert.That(held, Is.Zero);
        }
    }

    [Test]
    public void Two_versions_and_the_moments_are_all_that_a_run_leaves()
    {
        using ContinuousBench bench = new(3, 4);
        bench.Run(8);
        for (int stage = 0; stage < 3; stage++)
        {
            long weights = BytesOf(bench.Runner.Stages[stage]);
            Assert.That(bench.Backends[stage].Memory.CurrentBytes, Is.EqualTo(4 * weights));
        }
    }

    [Test]
    public void Two_versions_are_alive_at_any_moment_of_a_run()
    {
        int most = 0;
        ContinuousBench? bench = null;
        TrickLayer trick = new();
        using (bench = new ContinuousBench(3, 4, trick: trick, options: ContinuousBench.Options("sgd")))
        {
            int stage = bench.Runner.Stages.First(s => s.Layers.Contains(trick)).Index;
            long weights = BytesOf(bench.Runner.Stages[stage]);
            HashSet<Tensor> seen = [];
            trick.WhenRun = () =>
            {
                seen.UnionWith(bench.Runner.Stages[stage].Parameters.Select(p => p.Data));
                most = Math.Max(most, seen.Count);
            };
            bench.Run(9);
            Assert.That(most, Is.EqualTo(2 * bench.Runner.Stages[stage].Parameters.Count), "two tensors take turns");
        }
    }

    [TestCase(1)]
    [TestCase(4)]
    public void Stashed_weights_have_as_many_versions_as_microbatches_in_flight(int depth)
    {
        using ContinuousBench bench = new(depth, 1, WeightPolicy.Stashed, ContinuousBench.Options("sgd"));
        bench.Run(9);
        for (int stage = 0; stage < depth; stage++)
            Assert.That(bench.Backends[stage].Memory.CurrentBytes,
                Is.EqualTo((depth - stage) * BytesOf(bench.Runner.Stages[stage])));
    }

    [TestCase(WeightPolicy.TwoBuffered, 4)]
    [TestCase(WeightPolicy.Stashed, 1)]
    public void A_long_run_holds_no_more_than_a_short_one(WeightPolicy policy, int microbatches)
    {
        using ContinuousBench bench = new(3, microbatches, policy, ContinuousBench.Options("adamw"));
        bench.Run(60);
        foreach (PipelineStage stage in bench.Runner.Stages)
        {
            int versions = policy == WeightPolicy.TwoBuffered ? 2 : 3 - stage.Index;
            int gradients = policy == WeightPolicy.TwoBuffered ? 2 : 1;
            Assert.That(bench.Backends[stage.Index].Memory.CurrentBytes,
                Is.LessThanOrEqualTo((versions + gradients + 2) * BytesOf(stage)));
        }
    }

    [Test]
    public void A_batch_more_costs_little_managed_memory()
    {
        using ContinuousBench bench = new(3, 4);
        IMicrobatches[] batches = [.. bench.Batches(60)];
        bench.Runner.Run(batches.AsEnumerable());
        long few = Allocated(20), many = Allocated(60);
        Assert.That((many - few) / 40, Is.LessThan(16 * 1024));

        long Allocated(int count)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            bench.Runner.Run(batches.Take(count));
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        }
    }

    private static long BytesOf(PipelineStage stage) => stage.Parameters.Sum(p => (long)p.Shape.ElementCount * sizeof(float));
}
