using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class ContinuousCheckpointTests
{
    [TestCase(1, "momentum")]
    [TestCase(3, "adam")]
    [TestCase(5, "adamw")]
    public void A_new_runner_that_restores_the_state_goes_on_to_the_same_bits(int before, string optimizer)
    {
        PipelineOptions options = ContinuousBench.Options(optimizer, 0.5);
        using ContinuousBench straight = new(3, 4, options: options), saved = new(3, 4, options: options);
        using ContinuousBench resumed = new(3, 4, options: options);
        straight.Run(9);
        saved.Run(before);
        resumed.Run(2); // Overwritten: state and versions of its own must not show.
        resumed.Runner.Restore(saved.Runner.State(), saved.Runner.BatchCount);
        Assert.That(resumed.Runner.BatchCount, Is.EqualTo(before));
        resumed.Run(9 - before);
        saved.Run(9 - before);
        Assert.That(resumed.Bits(), Is.EqualTo(straight.Bits()));
        Assert.That(saved.Bits(), Is.EqualTo(straight.Bits()), "and reading the state changes nothing");
    }

    [TestCase(0)]
    [TestCase(5)]
    public void A_checkpoint_file_with_the_older_weights_resumes_to_the_same_bits(int before)
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.safetensors");
        try
        {
            using ContinuousBench saved = new(3, 4), resumed = new(2, 4);
            saved.Run(before);
            Checkpoint.Save(path, [.. saved.Runner.Parameters, .. saved.Runner.OlderWeights],
                [.. saved.Runner.Stages.Select(s => s.Optimizer)],
                new CheckpointState(before, TinyGpt.Seed, new Dictionary<string, string>()));
            CheckpointState state = Checkpoint.Load(path, [.. resumed.Runner.Parameters, .. resumed.Runner.OlderWeights],
                [.. resumed.Runner.Stages.Select(s => s.Optimizer)]);
            resumed.Runner.BatchCount = state.Step;
            saved.Run(4);
            resumed.Run(4);
            Assert.That(resumed.Bits(), Is.EqualTo(saved.Bits()), "also on another number of stages");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public void Stashed_weights_resume_from_the_newest_version_alone()
    {
        PipelineOptions options = ContinuousBench.Options("adamw");
        using ContinuousBench saved = new(3, 1, WeightPolicy.Stashed, options);
        using ContinuousBench resumed = new(3, 1, WeightPolicy.Stashed, options);
        saved.Run(4);
        Assert.That(saved.Runner.OlderWeights, Is.Empty);
        resumed.Runner.Restore(saved.Runner.State(), 4);
        saved.Run(4);
        resumed.Run(4);
        Assert.That(resumed.Bits(), Is.EqualTo(saved.Bits()));
    }

    [Test]
    public void A_state_without_older_weights_starts_with_the_newest_like_the_first_batch()
    {
        using ContinuousBench bench = new(2, 4), other = new(2, 4);
        bench.Run(3);
        other.Runner.Restore(bench.Runner.State().Where(s => !s.Key.StartsWith("older.", StringComparison.Ordinal))
            .ToDictionary(), 3);
        double[] first = [.. other.Run(1).Batches.Select(b => b.Loss)], late = [.. bench.Run(1).Batches.Select(b => b.Loss)];
        Assert.That(first, Is.Not.EqualTo(late));
        Assert.That(other.Runner.BatchCount, Is.EqualTo(4));
    }

    [Test]
    public void A_parameter_that_was_trained_late_goes_on_with_its_own_count_of_updates()
    {
        PipelineOptions options = ContinuousBench.Options("adam");
        using ContinuousBench straight = new(2, 4, options: options), resumed = new(2, 4, options: options);
        Parameter late = straight.Runner.Parameters[^1];
        late.Trainable = false;
        straight.Run(3);
        late.Trainable = true;
        straight.Run(2);
        Assert.That(straight.Runner.UpdateCounts[late.Name], Is.EqualTo(2));
        resumed.Runner.Restore(straight.Runner.State(), 5, straight.Runner.UpdateCounts);
        Assert.That(resumed.Runner.UpdateCounts, Is.EqualTo(straight.Runner.UpdateCounts));
        straight.Run(2);
        resumed.Run(2);
        Assert.That(resumed.Bits(), Is.EqualTo(straight.Bits()));
    }

    [Test]
    public void A_state_without_what_the_optimizer_needs_changes_nothing()
    {
        using ContinuousBench plain = new(2, 4, options: ContinuousBench.Options("sgd"));
        using ContinuousBench bench = new(2, 4, options: ContinuousBench.Options("adam"));
        plain.Run(3);
        bench.Run(1);
        string before = bench.Bits();
        Assert.That(() => bench.Runner.Restore(plain.Runner.State(), 3), Throws.TypeOf<PipelineException>()
            .With.Message.Contains("lacks 'optimizer.moment1").And.Message.Contains("Adam"));
        Dictionary<string, Tensor> half = bench.Runner.State()
            .Where(s => !s.Key.StartsWith("optimizer.moment2", StringComparison.Ordinal)).ToDictionary();
        Assert.That(() => bench.Runner.Restore(half, 1), Throws.TypeOf<PipelineException>().With.Message.Contains("moment2"));
        Assert.That(() => bench.Runner.Restore(bench.Runner.State(), -1), Throws.TypeOf<PipelineException>());
        Assert.That(() => bench.Runner.Restore(bench.Runner.State(), 1, new Dictionary<string, int>()),
            Throws.TypeOf<PipelineException>().With.Message.Contains("updateCounts"));
        Assert.That(() => bench.Runner.BatchCount = -1, Throws.TypeOf<ModelException>());
        Assert.That((bench.Bits(), bench.Runner.BatchCount), Is.EqualTo((before, 1)));
    }

    [Test]
    public void A_state_that_does_not_fit_changes_nothing()
    {
        using ContinuousBench bench = new(2, 4), other = new(2, 4, options: ContinuousBench.Options("momentum"));
        bench.Run(3);
        other.Run(1);
        string before = other.Bits();
        Assert.That(() => other.Runner.Restore(bench.Runner.State(), 3), Throws.TypeOf<PipelineException>()
            .With.Message.Contains("optimizer.moment1").And.Message.Contains("no place"));
        Dictionary<string, Tensor> lacking = bench.Runner.State()
            .Where(s => !s.Key.StartsWith("optimizer.", StringComparison.Ordinal)).Skip(1).ToDictionary();
        Assert.That(() => other.Runner.Restore(lacking, 3), Throws.TypeOf<PipelineException>().With.Message.Contains("lacks"));
        Assert.That(other.Bits(), Is.EqualTo(before));
        Assert.That(other.Runner.BatchCount, Is.EqualTo(1));
    }
}
