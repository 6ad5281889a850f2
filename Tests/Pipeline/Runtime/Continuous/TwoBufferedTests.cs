using System.Collections.Concurrent;
using AutogradCore.Pipeline;
using AutogradCore.Tests.Backends;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>The law of PipeDream-2BW: W(t+1) = W(t) - step(gradient of batch t at W(max(t-1, 0))), to the bit.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class TwoBufferedTests
{
    private const int Longest = 20, Some = 7;
    private static readonly ConcurrentDictionary<(int, string, double?), Lazy<List<(double Loss, string Bits)>>> Plain = [];

    /// <summary>Clipping comes before the optimizer, whichever it is: the default run clips for the last one only.</summary>
    private static IEnumerable<TestCaseData> Cases =>
        from depth in new[] { 1, 2, 3, 4 }
        from microbatches in new[] { 1, 2, 3, 4, 6 }
        where microbatches >= depth
        from optimizer in new[] { "sgd", "momentum", "adamw" }
        from clip in new double?[] { null, 0.5 }
        from split in Enum.GetValues<TwoStage>()
        let test = new TestCaseData(depth, microbatches, optimizer, clip, split)
        select clip is null || optimizer == "adamw" ? test : test.SetCategory(BackendCases.Exhaustive);

    [TestCaseSource(nameof(Cases))]
    public void A_pipeline_with_two_versions_trains_to_the_bits_of_the_plain_loop(int depth, int microbatches, string optimizer,
        double? clip, TwoStage split)
    {
        List<(double Loss, string Bits)> expected = PlainLoop(microbatches, optimizer, clip);
        foreach (int batches in new[] { 1, 2, 3, clip is null && split == TwoStage.Off ? Longest : Some })
        {
            PipelineOptions options = ContinuousBench.Options(optimizer, clip);
            using ContinuousBench bench = new(depth, microbatches, options: options, split: split);
            ContinuousResult result = bench.Run(batches);
            Assert.That(result.Batches.Select(b => b.Loss), Is.EqualTo(expected.Take(batches).Select(e => e.Loss)));
            Assert.That(bench.Bits(), Is.EqualTo(expected[batches - 1].Bits), $"{batches} batches");
            Assert.That(bench.Runner.BatchCount, Is.EqualTo(batches));
        }
    }

    [Test]
    public void The_delay_shows_in_the_bits()
    {
        List<(double, string Bits)> late = PlainLoop(4, "adamw", null);
        List<(double, string Bits)> prompt = DelayedTraining.Run(4, 3, ContinuousBench.Options("adamw"), _ => 0);
        Assert.That(late[0].Bits, Is.EqualTo(prompt[0].Bits), "the first gradient is taken at the first weights");
        Assert.That(late[1].Bits, Is.Not.EqualTo(prompt[1].Bits));
    }

    [TestCase(null, TwoStage.Off)]
    [TestCase(0.5, TwoStage.End)]
    public void Where_one_run_ends_and_the_next_begins_does_not_show_in_the_bits(double? clip, TwoStage split)
    {
        List<(double, string Bits)> expected = PlainLoop(4, "adamw", clip);
        foreach (int[] parts in new int[][] { [7, 13], [1, 1, 18], [0, 2, 3, 15], [19, 1] })
        {
            using ContinuousBench bench = new(3, 4, options: ContinuousBench.Options("adamw", clip), split: split);
            foreach (int part in parts) bench.Run(part);
            Assert.That(bench.Bits(), Is.EqualTo(expected[Longest - 1].Bits), string.Join(" + ", parts));
        }
    }

    [Test]
    public void The_norm_of_each_batch_is_that_of_the_plain_loop()
    {
        using ContinuousBench one = new(1, 4), three = new(3, 4);
        double[] norms = [.. one.Run(5).Batches.Select(b => b.GradientNorm)];
        Assert.That(norms, Has.All.GreaterThan(0));
        Assert.That(three.Run(5).Batches.Select(b => b.GradientNorm), Is.EqualTo(norms));
    }

    [Test]
    public void A_frozen_stage_keeps_one_version_and_trains_to_the_bits_of_one_stage()
    {
        using ContinuousBench one = new(1, 4), three = new(3, 4);
        foreach (ContinuousBench bench in new[] { one, three })
        {
            foreach (Parameter parameter in bench.Model.Layers.Take(2).SelectMany(l => l.Parameters()))
                parameter.Trainable = false;
            bench.Run(5);
        }
        Assert.That(three.Bits(), Is.EqualTo(one.Bits()));
    }

    [Test]
    public void Stages_that_compute_their_forward_pass_again_do_so_with_the_version_of_their_batch(
        [Values] TwoStage split)
    {
        PipelineOptions options = ContinuousBench.Options("adamw", 0.5) with { Recompute = stage => stage != 1 };
        using ContinuousBench bench = new(3, 4, options: options, split: split);
        bench.Run(7);
        Assert.That(bench.Bits(), Is.EqualTo(PlainLoop(4, "adamw", 0.5)[6].Bits));
    }

    [Test]
    public void Too_few_microbatches_for_two_versions_are_refused() =>
        Assert.That(() => new ContinuousBench(3, 2), Throws.TypeOf<PipelineException>()
            .With.Message.Contains("Batches of 2 microbatches on 3 stages").And.Message.Contains("at least as many"));

    [Test]
    public void A_batch_of_another_size_names_the_batch()
    {
        using ContinuousBench bench = new(2, 4);
        Assert.That(() => bench.Runner.Run([TinyGpt.Data(0, 4), TinyGpt.Data(1, 3)]), Throws.TypeOf<PipelineException>()
            .With.Message.Contains("Batch 1 has 3 microbatches, the runner is for 4"));
    }

    private static List<(double Loss, string Bits)> PlainLoop(int microbatches, string optimizer, double? clip) =>
        Plain.GetOrAdd((microbatches, optimizer, clip), _ => new(() =>
            DelayedTraining.Run(microbatches, Longest, ContinuousBench.Options(optimizer, clip), _ => 1))).Value;
}
