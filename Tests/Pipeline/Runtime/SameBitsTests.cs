using System.Collections.Concurrent;
using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Pipeline;
using AutogradCore.Tests.Backends;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>The law: whatever the schedule, the number of stages and the placement of W, parameters are those of one
/// device.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class SameBitsTests
{
    private const int Steps = 3;

    /// <summary>Schedules run the same whatever the backend: the default run has the reference with one number of microbatches,
    /// and the host with all.</summary>
    private static IEnumerable<TestCaseData> Cases =>
        from backend in new[] { "reference", "host" }
        from microbatches in new[] { 1, 2, 4, 6 }
        from name in Catalogue.OneStagePerRank
        from policy in Enum.GetValues<TwoStage>()
        from stages in new[] { 1, 2, 3, 4 }
        let test = new TestCaseData(backend, name, policy, stages, microbatches)
        select backend == "host" || microbatches == 4 ? test : test.SetCategory(BackendCases.Exhaustive);

    private static readonly ConcurrentDictionary<(string, int), Lazy<string>> Expected = [];

    [TestCaseSource(nameof(Cases))]
    public void A_pipeline_trains_to_the_bits_of_one_device(string backend, string name, TwoStage policy, int stages,
        int microbatches)
    {
        string expected = Expected.GetOrAdd((backend, microbatches), _ => new(() =>
        {
            using IBackend one = Create(backend);
            return TinyGpt.TrainOnOneDevice(one, microbatches, Steps);
        })).Value;
        Schedule schedule = SplitBackward.Apply(Schedules.Create(name, stages, microbatches), policy);
        Assert.That(TinyGpt.TrainAsPipeline(_ => Create(backend), schedule, Steps), Is.EqualTo(expected));
    }

    private static IEnumerable<(string Name, TwoStage Policy, int Stages)> Pipelines =>
        from name in Catalogue.OneStagePerRank
        from policy in new[] { TwoStage.Off, TwoStage.Fill, TwoStage.End }
        from stages in new[] { 1, 2, 3, 4 }
        select (name, policy, stages);

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(4)]
    public void A_pipeline_with_its_first_layers_frozen_trains_to_the_bits_of_one_device(int layers) =>
        RequireLaw(Variation.Frozen(layers));

    [Test]
    public void A_pipeline_whose_first_stage_is_frozen_between_steps_trains_to_the_bits_of_one_device() =>
        RequireLaw(Variation.Frozen(2, fromStep: 1));

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4)]
    public void A_pipeline_with_a_layer_that_lets_no_gradient_through_trains_to_the_bits_of_one_device(int layer) =>
        RequireLaw(new Variation { CutAt = layer });

    [Test]
    public void A_pipeline_switched_out_of_training_mode_between_steps_trains_to_the_bits_of_one_device() =>
        RequireLaw(new Variation { BeforeStep = (model, step) => model.Train(step == 0) });

    [Test]
    public void A_pipeline_that_keeps_weights_and_activations_in_BFloat16_trains_to_the_bits_of_one_device() =>
        RequireLaw(new Variation { Precision = Precision.BFloat16 });

    [TestCase(false)]
    [TestCase(true)]
    public void A_schedule_whose_weights_go_downwards_trains_to_the_bits_of_one_device_unless_it_accumulates_as_listed(bool split)
    {
        const int microbatches = 4;
        int[] down = [3, 2, 1, 0];
        Schedule schedule = new("down", Enumerable.Range(0, 2).Select(stage =>
        {
            IEnumerable<Action> forwards = Enumerable.Range(0, microbatches).Select(m =>
                new Action(stage, ActionKind.Forward, m));
            IEnumerable<Action> backwards = split
                ? [.. Enumerable.Range(0, microbatches).Select(m => new Action(stage, ActionKind.BackwardInputs, m)),
                    .. down.Select(m => new Action(stage, ActionKind.BackwardWeights, m))]
                : down.Select(m => new Action(stage, ActionKind.Backward, m));
            return forwards.Concat(backwards);
        }));
        using IBackend one = Create("host"), descending = Create("host");
        string expected = TinyGpt.TrainOnOneDevice(one, microbatches, Steps);
        string listed = TinyGpt.TrainOnOneDevice(descending, microbatches, Steps, new Variation { Order = down });
        Assert.That(listed, Is.Not.EqualTo(expected), "the order shows in the bits");
        Assert.That(TinyGpt.TrainAsPipeline(_ => Create("host"), schedule, Steps), Is.EqualTo(expected));
        Assert.That(TinyGpt.TrainAsPipeline(_ => Create("host"), schedule, Steps,
            TinyGpt.Options with { AccumulatesAsListed = true }), Is.EqualTo(listed));
    }

    private static void RequireLaw(Variation variation)
    {
        const int microbatches = 4;
        using IBackend one = Create("host");
        string expected = TinyGpt.TrainOnOneDevice(one, microbatches, Steps, variation);
        foreach ((string name, TwoStage policy, int stages) in Pipelines)
        {
            Schedule schedule = SplitBackward.Apply(Schedules.Create(name, stages, microbatches), policy);
            Assert.That(TinyGpt.TrainAsPipeline(_ => Create("host"), schedule, Steps, variation: variation), Is.EqualTo(expected),
                $"{schedule}, {policy}");
        }
    }

    private static IBackend Create(string name) => name == "host" ? new HostBackend(1) : new ReferenceBackend();
}
