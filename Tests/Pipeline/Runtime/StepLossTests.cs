using AutogradCore.Nn;
using AutogradCore.Optim;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>The loss of a step, and its gradient, are those of one batch however it is cut into microbatches.</summary>
[Parallelizable]
public sealed class StepLossTests
{
    private const int Pad = -100;

    /// <summary>Targets of each microbatch, of three classes; rows may be ignored, and their number may differ.</summary>
    private static IEnumerable<TestCaseData> Cut =>
    [
        new TestCaseData(Pad, new int[][] { [0, 1, 2, Pad], [1, Pad, Pad, Pad] }).SetArgDisplayNames("counts 3 and 1"),
        new TestCaseData(Pad, new int[][] { [0, 1, 2, 2, 0], [1], [2, 0] }).SetArgDisplayNames("rows 5, 1 and 2"),
        new TestCaseData(0, new int[][] { [0, 1, 2], [0, 0, 2], [0, 0, 0] }).SetArgDisplayNames("class 0 ignored"),
        new TestCaseData(Pad, new int[][] { [Pad, Pad], [1, 2], [Pad, 0, 1] }).SetArgDisplayNames("a microbatch without any"),
        new TestCaseData(Pad, new int[][] { [0, 1], [], [2, 1, 1] }).SetArgDisplayNames("an empty microbatch"),
        new TestCaseData(Pad, new int[][] { [0, 1], [2, 2] }).SetArgDisplayNames("equal"),
        new TestCaseData(Pad, new int[][] { [Pad, 2] }).SetArgDisplayNames("one"),
    ];

    [TestCaseSource(nameof(Cut))]
    public void Loss_and_gradient_are_those_of_one_batch(int ignored, int[][] targets)
    {
        Rows data = new(targets);
        (double loss, double[][] gradient) = OneBatch(data, ignored);
        foreach ((int stages, TwoStage policy) in new[] { (1, TwoStage.Off), (2, TwoStage.Fill), (3, TwoStage.End) })
        {
            Schedule schedule = SplitBackward.Apply(Schedules.OneForwardOneBackward(stages, data.Count), policy);
            using StepBench bench = new(stages, Options(ignored));
            StepResult result = bench.Step(schedule, data);
            Assert.That(result.Loss, Is.EqualTo(loss).Within(1e-14));
            RequireMoved(bench, gradient);
        }
    }

    [TestCaseSource(nameof(Cut))]
    public void Without_flushes_too(int ignored, int[][] targets)
    {
        Rows data = new(targets);
        (double loss, double[][] gradient) = OneBatch(data, ignored);
        using StepBench bench = new(1, Options(ignored));
        ContinuousResult result = bench.Run(data, TwoStage.End, 1);
        Assert.That(result.Batches[0].Loss, Is.EqualTo(loss).Within(1e-14));
        RequireMoved(bench, gradient);
    }

    [Test]
    public void Batches_without_a_flush_are_each_weighed_by_their_own_counts([Values] TwoStage split)
    {
        Rows data = new([[0, 1, 2, Pad], [1, Pad, Pad, Pad]]), other = new([[Pad, 1], [2, 0]]);
        using StepBench serial = new(1, Options(Pad)), pipeline = new(2, Options(Pad));
        double[] losses = [.. pipeline.Run([data, other, data], split).Batches.Select(b => b.Loss)];
        double[] first = [OneBatch(data, Pad).Loss, OneBatch(other, Pad).Loss];
        Assert.That(losses.Take(2), Is.EqualTo(first).Within(1e-14), "both run with the first weights");
        double[] alone = [.. serial.Run([data, other, data], TwoStage.Off).Batches.Select(b => b.Loss)];
        Assert.That(losses, Is.EqualTo(alone));
        Assert.That(pipeline.Values(), Is.EqualTo(serial.Values()));
    }

    [Test]
    public void The_mean_over_microbatches_can_be_chosen()
    {
        Rows data = new([[0, 1, 2, Pad], [1, Pad, Pad, Pad]]);
        (double loss, _) = OneBatch(new Rows([data.Targets[0]]), Pad);
        (double other, _) = OneBatch(new Rows([data.Targets[1]], firstRow: 4), Pad);
        using StepBench bench = new(2, Options(Pad) with { StepLoss = StepLoss.MeanOverMicrobatches });
        Assert.That(bench.Step(Schedules.GPipe(2, 2), data).Loss, Is.EqualTo((loss + other) / 2).Within(1e-14));
    }

    [Test]
    public void A_loss_that_sums_is_added_up_where_that_is_said_and_refused_where_not()
    {
        Rows data = new([[0, 1, 2, 2], [1, 0]]);
        (double loss, double[][] gradient) = OneBatch(data, Pad);
        PipelineOptions sums = Options(Pad) with { Loss = (y, t) => y.CrossEntropy(t, new(Reduction.Sum)) };
        using StepBench said = new(2, sums with { StepLoss = StepLoss.Sum }), unsaid = new(2, sums);
        Assert.That(said.Step(Schedules.GPipe(2, 2), data).Loss, Is.EqualTo(6 * loss).Within(1e-13));
        RequireMoved(said, [.. gradient.Select(g => g.Select(e => 6 * e).ToArray())]);
        Assert.That(() => unsaid.Step(Schedules.GPipe(2, 2), data), Throws.TypeOf<PipelineException>()
            .With.Message.Contains("sums over targets").And.Message.Contains("StepLoss.Sum"));
    }

    [Test]
    public void Data_may_say_what_a_microbatch_weighs()
    {
        Rows data = new([[0, 1], [2, 2]]) { Weights = [0.5, 1.5] };
        double first = OneBatch(new Rows([[0, 1]]), Pad).Loss, second = OneBatch(new Rows([[2, 2]], firstRow: 2), Pad).Loss;
        using StepBench bench = new(2, Options(Pad));
        Assert.That(bench.Step(Schedules.GPipe(2, 2), data).Loss, Is.EqualTo((0.5 * first + 1.5 * second) / 2).Within(1e-14));
    }

    [TestCase(-1.0)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void A_weight_that_is_none_is_refused_and_nothing_is_updated(double weight)
    {
        Rows data = new([[0, 1], [2, 2]]) { Weights = [1, weight] };
        using StepBench bench = new(2, Options(Pad));
        double[][] before = bench.Values();
        Assert.That(() => bench.Step(Schedules.GPipe(2, 2), data), Throws.TypeOf<PipelineException>()
            .With.Message.Contains("Microbatch 1 has weight"));
        Assert.That(bench.Values(), Is.EqualTo(before));
    }

    [Test]
    public void A_loss_that_is_no_number_where_nothing_counts_leaves_no_trace()
    {
        // A mean that divides by the weight itself: 0/0 in the second microbatch.
        Rows data = new([[0, 1], [2, 2]]) { Weights = [2, 0] };
        int made = 0;
        PipelineOptions options = Options(Pad) with
        {
            Loss = (y, t) => y.CrossEntropy(t, new(Reduction.Mean)) * (made++ % 2 == 0 ? 1 : double.NaN),
        };
        (double loss, double[][] gradient) = OneBatch(new Rows([[0, 1]]), Pad);
        using StepBench bench = new(2, options);
        Assert.That(bench.Step(Schedules.GPipe(2, 2), data).Loss, Is.EqualTo(loss).Within(1e-14));
        RequireMoved(bench, gradient);
    }

    [Test]
    public void A_step_in_which_nothing_counts_has_loss_0_and_zero_gradients()
    {
        Rows data = new([[Pad, Pad], [Pad], [Pad]]);
        using StepBench bench = new(2, Options(Pad));
        double[][] before = bench.Values();
        Assert.That(bench.Step(Schedules.OneForwardOneBackward(2, 3), data).Loss, Is.Zero);
        Assert.That(bench.Values(), Is.EqualTo(before));
    }

    [Test]
    public void A_loss_that_ignores_two_targets_needs_to_be_told_what_counts()
    {
        PipelineOptions options = Options(Pad) with
        {
            Loss = (y, t) => y.CrossEntropy(t, new(IgnoreIndex: 1)) + y.CrossEntropy(t.Reshape(-1), new(IgnoreIndex: 2)),
        };
        using StepBench bench = new(1, options);
        Assert.That(() => bench.Step(Schedules.GPipe(1, 2), new Rows([[0, 1], [2, 2]])), Throws.TypeOf<PipelineException>()
            .With.Message.Contains("ignores targets 1 and 2"));
    }

    [Test]
    public void Token_microbatches_count_as_the_runner_does()
    {
        int[] ids = [0, 1, 2, 0, 1, 1, 2, 1], targets = [1, Pad, 2, Pad, Pad, Pad, 1, 2];
        TokenMicrobatches tokens = new(ids, targets, time: 2, count: 2);
        Assert.That((tokens.Weight(0, Pad), tokens.Weight(1, Pad)), Is.EqualTo(((double?)2, (double?)2)));
        Assert.That((tokens.Weight(0, 2), tokens.Weight(1, null)), Is.EqualTo(((double?)3, (double?)4)));
    }

    private static PipelineOptions Options(int ignored) => new()
    {
        Loss = (y, t) => y.CrossEntropy(t, new(IgnoreIndex: ignored)),
        Optimizer = parameters => new Sgd(parameters, LearningRate.Constant(1)),
    };

    /// <summary>All rows in one batch, on one graph.</summary>
    private static (double Loss, double[][] Gradient) OneBatch(Rows data, int ignored)
    {
        using ReferenceBackend backend = new();
        using Sequential model = StepBench.Model();
        model.Initialize(backend, StepBench.Seed, DType.Float64);
        using Graph graph = new(backend);
        int[] targets = [.. data.Targets.SelectMany(t => t)];
        Value x = graph.Input<double>(Rows.Inputs(data.FirstRow, targets.Length), [targets.Length, 2]);
        Value loss = model.Forward(x).CrossEntropy(graph.Input<int>(targets, [targets.Length]), new(IgnoreIndex: ignored));
        graph.Backward(loss);
        return (loss.Item(), [.. model.Parameters().Select(p => p.Gradient.ToArray<double>())]);
    }

    private static void RequireMoved(StepBench bench, double[][] gradient)
    {
        double[][] now = bench.Values();
        for (int i = 0; i < now.Length; i++)
            Assert.That(bench.Start[i].Zip(now[i], (before, after) => before - after),
                Is.EqualTo(gradient[i]).Within(1e-13), $"parameter {i}");
    }
}
