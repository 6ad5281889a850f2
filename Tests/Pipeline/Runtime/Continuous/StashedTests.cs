using AutogradCore.Nn;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>The law of PipeDream: stage s of N takes the gradient of batch t at its own weights of N-1-s updates ago.</summary>
[Parallelizable]
public sealed class StashedTests
{
    [Test]
    public void A_pipeline_with_stashed_weights_trains_to_the_bits_of_the_plain_loop_with_a_delay_for_each_stage(
        [Values(1, 2, 3, 4)] int depth, [Values("sgd", "momentum", "adamw")] string optimizer,
        [Values(TwoStage.Off, TwoStage.Eager)] TwoStage split)
    {
        PipelineOptions options = ContinuousBench.Options(optimizer);
        int layers = new Gpt(TinyGpt.Config).Layers.Count;
        int[] starts = LayerSplit.Balance([.. Enumerable.Repeat(1.0, layers)], depth);
        List<(double Loss, string Bits)> expected = DelayedTraining.Run(1, 12, options,
            layer => depth - 1 - Array.FindLastIndex(starts, s => s <= layer));
        foreach (int batches in new[] { 1, 2, 3, 5, 12 })
        {
            using ContinuousBench bench = new(depth, 1, WeightPolicy.Stashed, options, split);
            ContinuousResult result = bench.Run(batches);
            Assert.That(result.Batches.Select(b => b.Loss), Is.EqualTo(expected.Take(batches).Select(e => e.Loss)));
            Assert.That(bench.Bits(), Is.EqualTo(expected[batches - 1].Bits), $"{batches} batches");
        }
    }

    [Test]
    public void A_drained_pipeline_fills_anew_with_the_newest_weights()
    {
        using ContinuousBench through = new(3, 1, WeightPolicy.Stashed, ContinuousBench.Options("adamw"));
        using ContinuousBench twice = new(3, 1, WeightPolicy.Stashed, ContinuousBench.Options("adamw"));
        through.Run(8);
        twice.Run(4);
        twice.Run(4);
        Assert.That(twice.Bits(), Is.Not.EqualTo(through.Bits()));
        Assert.That(twice.Runner.BatchCount, Is.EqualTo(8));
    }

    [Test]
    public void Batches_of_several_microbatches_and_clipping_are_refused()
    {
        Assert.That(() => new ContinuousBench(2, 2, WeightPolicy.Stashed, ContinuousBench.Options("sgd")),
            Throws.TypeOf<PipelineException>().With.Message.Contains("updates after each"));
        Assert.That(() => new ContinuousBench(2, 1, WeightPolicy.Stashed, ContinuousBench.Options("sgd", 0.5)),
            Throws.TypeOf<PipelineException>().With.Message.Contains("no global norm"));
    }
}
