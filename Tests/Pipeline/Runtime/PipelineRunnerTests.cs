using AutogradCore.Kernels;
using AutogradCore.Nn;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class PipelineRunnerTests
{
    [Test]
    public void The_recorded_timeline_holds_every_action_of_the_schedule_once_and_in_its_order()
    {
        using PipelineBench bench = new(SplitBackward.Apply(Schedules.OneForwardOneBackward(3, 4), TwoStage.End));
        Timeline timeline = bench.Step().Timeline;
        for (int rank = 0; rank < 3; rank++)
            Assert.That(timeline.On(rank).SelectMany(e => e.Actions), Is.EqualTo(bench.Runner.Schedule[rank]));
        Assert.That(timeline.Unit, Is.EqualTo(TimeUnit.Seconds));
        Assert.That(timeline.BubbleRatio, Is.InRange(0, 1));
    }

    [Test]
    public void Adjacent_weight_actions_run_as_one_call_with_the_bits_of_several()
    {
        Schedule schedule = SplitBackward.Apply(Schedules.GPipe(2, 4), TwoStage.End);
        string apart = TinyGpt.TrainAsPipeline(_ => new HostBackend(1), schedule, 2,
            TinyGpt.Options with { FuseWeights = false });
        string fused = TinyGpt.TrainAsPipeline(_ => new HostBackend(1), schedule, 2);
        Assert.That(fused, Is.EqualTo(apart));
        using PipelineBench bench = new(schedule);
        Assert.That(bench.Step().Timeline.On(0).Last().Label, Is.EqualTo("0W0-3"));
    }

    [Test]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        Schedule schedule = SplitBackward.Apply(Schedules.OneForwardOneBackward(2, 2), TwoStage.Fill);
        string one = TinyGpt.TrainAsPipeline(_ => new HostBackend(1), schedule, 2);
        Assert.That(TinyGpt.TrainAsPipeline(s => new HostBackend(2 + s), schedule, 2), Is.EqualTo(one));
    }

    [Test]
    public void Anomaly_detection_names_the_op()
    {
        using PipelineBench bench = new(Schedules.GPipe(2, 2),
            options: TinyGpt.Options with { Loss = (y, t) => (y - y).Log().Sum() + y.CrossEntropy(t), DetectAnomaly = true });
        Assert.That(() => bench.Step(), Throws.TypeOf<PipelineException>().With.Message.Contains("Log")
            .And.InnerException.TypeOf<AnomalyException>());
    }

    [Test]
    public void Microbatches_may_change_shape_from_step_to_step()
    {
        using PipelineBench bench = new(Schedules.OneForwardOneBackward(2, 2));
        bench.Step();
        int[] tokens = [1, 2, 3, 4, 5, 6, 7, 8];
        TokenMicrobatches shorter = new(tokens, tokens, time: 2, count: 2);
        Assert.That(bench.Runner.Step(shorter).Loss, Is.GreaterThan(0));
    }

    [Test]
    public void Parts_that_do_not_fit_are_refused()
    {
        Assert.That(() => new PipelineBench(Schedules.GPipe(2, 3)).Step(), Throws.Nothing);
        using PipelineBench bench = new(Schedules.GPipe(2, 2));
        Assert.That(() => bench.Runner.Step(TinyGpt.Data(0, 3)), Throws.TypeOf<PipelineException>()
            .With.Message.Contains("2 microbatches"));
        Assert.That(() => new TokenMicrobatches(new int[6], new int[6], 2, 2), Throws.TypeOf<PipelineException>()
            .With.Message.Contains("divide"));
        Assert.That(() => LayerSplit.Balance([1, 1], 3), Throws.TypeOf<ModelException>().With.Message.Contains("3 stages"));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void A_clip_norm_that_is_not_positive_and_finite_is_refused(double norm)
    {
        using HostBackend backend = new(1);
        using Nn.Linear layer = new(4, 4);
        layer.Initialize(backend, 1);
        PipelineOptions options = TinyGpt.Options with { ClipNorm = norm };
        Assert.That(() => new PipelineRunner([layer], [0], [backend], Schedules.GPipe(1, 1), options),
            Throws.TypeOf<PipelineException>().With.Message.Contains($"ClipNorm of {norm}"));
    }

    [Test]
    public void A_backend_shared_by_stages_is_refused_unless_they_run_on_one_rank()
    {
        using HostBackend backend = new(1);
        using Nn.Linear first = new(4, 4), second = new(4, 4);
        first.AssignNames("first");
        second.AssignNames("second");
        foreach (Parameter parameter in first.Parameters().Concat(second.Parameters())) parameter.Initialize(backend, 1);
        PipelineException error = Assert.Throws<PipelineException>(() => Make(Schedules.GPipe(2, 1)))!;
        Assert.That(error.Message, Does.Contain("Stages 0 and 1 share a 'host' backend").And.Contain("Hint"));
        Assert.That(() => Make(Schedule.FromCsv("0F0,1F0,1B0,0B0")).Dispose(), Throws.Nothing);

        PipelineRunner Make(Schedule schedule) => new([first, second], [0, 1], [backend, backend], schedule, TinyGpt.Options);
    }

    [Test]
    public void Peak_memory_is_lower_with_the_schedule_that_holds_fewer_microbatches()
    {
        using PipelineBench gpipe = new(Schedules.GPipe(2, 6)), oneF = new(Schedules.OneForwardOneBackward(2, 6));
        gpipe.Step();
        oneF.Step();
        Assert.That(oneF.PeakOfStage(1), Is.LessThan(gpipe.PeakOfStage(1)));
    }

    [Test]
    public void Steady_state_steps_live_on_pooled_memory_and_allocate_few_managed_bytes()
    {
        using PipelineBench bench = new(SplitBackward.Apply(Schedules.OneForwardOneBackward(2, 2), TwoStage.Fill));
        for (int step = 0; step < 20; step++) bench.Step(step);
        TokenMicrobatches data = TinyGpt.Data(0, 2);
        long system = bench.Backends.Sum(b => b.Memory.SystemAllocations);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        const int steps = 10;
        for (int step = 0; step < steps; step++) bench.Runner.Step(data);
        long perStep = (GC.GetTotalAllocatedBytes(precise: true) - before) / steps;
        TestContext.Out.WriteLine($"{perStep} managed bytes a step");
        // How many messages are under way at once is a matter of timing, so a late new maximum may come; not one in every step.
        Assert.That(bench.Backends.Sum(b => b.Memory.SystemAllocations), Is.LessThan(system + steps));
        Assert.That(perStep, Is.LessThan(8 * 1024));
    }
}
