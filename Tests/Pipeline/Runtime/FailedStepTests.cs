using AutogradCore.Optim;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class FailedStepTests
{
    private static readonly Schedule ThreeStages = Schedules.OneForwardOneBackward(3, 4);

    private static TokenMicrobatches Shorter => new(new int[8], new int[8], time: 2, count: 4);

    [Test]
    public void A_failing_stage_stops_all_ranks_with_one_error_that_names_the_action_and_updates_nothing()
    {
        TrickLayer layer = new();
        using PipelineBench bench = new(ThreeStages, layer);
        bench.Step();
        float[][] before = bench.Values();
        layer.WhenRun = () => throw new InvalidOperationException("broken on purpose");
        PipelineException error = Assert.Throws<PipelineException>(() => bench.Step(2))!;
        Assert.That(error.Message, Does.Contain("Rank 1 failed in 1F0").And.Contain("broken on purpose"));
        Assert.That(bench.Values(), Is.EqualTo(before));
        layer.WhenRun = null;
        Assert.That(bench.Step(1).Loss, Is.Not.NaN, "the runner works again after a failed step");
    }

    [Test]
    public void A_failed_step_gives_its_memory_back_at_once()
    {
        TrickLayer layer = new();
        using PipelineBench bench = new(ThreeStages, layer);
        bench.Step();
        long held = WithoutGradients(bench);
        int runs = 0;
        layer.WhenRun = () =>
        {
            if (++runs == 3) throw new InvalidOperationException("broken on purpose");
        };
        Assert.Throws<PipelineException>(() => bench.Step(1));
        Assert.That(WithoutGradients(bench), Is.EqualTo(held));
    }

    /// <summary>What is held but for gradients of parameters, which only some stages have got to when another fails.</summary>
    private static long WithoutGradients(PipelineBench bench)
    {
        foreach (PipelineStage stage in bench.Runner.Stages) stage.Optimizer.ZeroGradient();
        return bench.HeldBytes;
    }

    [Test]
    public void A_recording_that_fails_midway_is_not_trained_as_if_it_were_the_model()
    {
        TrickLayer layer = new();
        using PipelineBench bench = new(ThreeStages, layer), straight = new(ThreeStages, new TrickLayer());
        bench.Step();
        straight.Step();
        layer.WhenRecorded = () => throw new InvalidOperationException("broken on purpose");
        Assert.Throws<PipelineException>(() => bench.Runner.Step(Shorter));
        layer.WhenRecorded = null;
        Assert.That(bench.Runner.Step(Shorter).Loss, Is.EqualTo(straight.Runner.Step(Shorter).Loss));
        Assert.That(bench.Values(), Is.EqualTo(straight.Values()));
    }

    [Test]
    public void An_exception_that_only_looks_like_a_cancellation_names_rank_and_action()
    {
        TrickLayer layer = new() { WhenRun = () => throw new OperationCanceledException("some timeout") };
        using PipelineBench bench = new(ThreeStages, layer);
        Assert.That(() => bench.Step(), Throws.TypeOf<PipelineException>()
            .With.Message.Contains("Rank 1 failed in 1F0: some timeout"));
    }

    [Test]
    public void An_optimizer_that_cannot_step_leaves_every_stage_as_it_was()
    {
        BrittleRate rate = new() { Fails = true };
        int made = 0;
        using PipelineBench bench = new(ThreeStages, options: TinyGpt.Options with
        {
            Optimizer = parameters => new AdamW(parameters, ++made == 2 ? rate : LearningRate.Constant(0.01)),
        });
        float[][] before = bench.Values();
        Assert.That(() => bench.Step(), Throws.InvalidOperationException.With.Message.EqualTo("no rate"));
        Assert.That(bench.Values(), Is.EqualTo(before));
        Assert.That(bench.Runner.Stages.Select(s => s.Optimizer.StepCount), Is.All.Zero);
        rate.Fails = false;
        Assert.That(bench.Step().Step, Is.Zero);
        Assert.That(bench.Values(), Is.Not.EqualTo(before));
    }

    [Test]
    public void An_update_that_fails_halfway_says_so_and_counts_on_no_stage()
    {
        int made = 0;
        using PipelineBench bench = new(ThreeStages, options: TinyGpt.Options with
        {
            Optimizer = parameters => ++made == 2 ? new BrokenOptimizer(parameters) : TinyGpt.Optimizer(parameters),
        });
        PipelineException error = Assert.Throws<PipelineException>(() => bench.Step())!;
        Assert.That(error.Message, Does.Contain("update of step 0 failed").And.Contain("broken on purpose")
            .And.Contain("checkpoint"));
        Assert.That(bench.Runner.Stages.Select(s => s.Optimizer.StepCount), Is.All.Zero);
    }

    [Test]
    public void A_loss_that_is_not_finite_names_the_step_and_updates_nothing()
    {
        using PipelineBench bench = new(Schedules.GPipe(2, 2),
            options: TinyGpt.Options with { Loss = (y, t) => y.CrossEntropy(t) * double.NaN });
        float[][] before = bench.Values();
        AnomalyException error = Assert.Throws<AnomalyException>(() => bench.Step())!;
        Assert.That(error.Message, Does.Contain("loss of step 0 is NaN").And.Contain("DetectAnomaly").And.Not.Contain("--"));
        Assert.That(bench.Values(), Is.EqualTo(before));
    }

    private sealed record BrittleRate : LearningRate
    {
        public bool Fails { get; set; }

        public override double At(int step) => Fails ? throw new InvalidOperationException("no rate") : 0.01;
    }

    private sealed class BrokenOptimizer(IEnumerable<Parameter> parameters) : Optimizer(parameters, LearningRate.Constant(0.1))
    {
        public override IReadOnlyList<string> StateKinds => [];

        protected override void Update(Parameter parameter, double rate, double gradientScale) =>
            throw new InvalidOperationException("broken on purpose");
    }
}
