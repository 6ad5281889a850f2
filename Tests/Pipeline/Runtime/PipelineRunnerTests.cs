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
        using Bench bench = new(SplitBackward.Apply(Schedules.OneForwardOneBackward(3, 4), TwoStage.End));
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
        string apart = TinyGpt.TrainAsPipeline(_ => new HostBackend(1), schedule, 2, TinyGpt.Options with { FuseWeights = false });
        string fused = TinyGpt.TrainAsPipeline(_ => new HostBackend(1), schedule, 2);
        Assert.That(fused, Is.EqualTo(apart));
        using Bench bench = new(schedule);
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
    public void A_failing_stage_stops_all_ranks_with_one_error_that_names_the_action_and_updates_nothing()
    {
        Failing layer = new();
        using Bench bench = new(Schedules.OneForwardOneBackward(3, 4), failing: layer);
        bench.Step();
        float[] before = bench.Runner.Parameters[0].Data.ToArray<float>();
        layer.Fails = true;
        PipelineException error = Assert.Throws<PipelineException>(() => bench.Step(2))!;
        Assert.That(error.Message, Does.Contain("Rank 1 failed in 1F0").And.Contain("broken on purpose"));
        Assert.That(bench.Runner.Parameters[0].Data.ToArray<float>(), Is.EqualTo(before));
        layer.Fails = false;
        Assert.That(bench.Step(1).Loss, Is.Not.NaN, "the runner works again after a failed step");
    }

    [Test]
    public void A_cancelled_step_ends_with_an_exception_and_the_next_one_runs()
    {
        using Bench bench = new(Schedules.GPipe(2, 2));
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => bench.Runner.Step(TinyGpt.Data(0, 2), cancelled.Token));
        Assert.That(bench.Runner.StepCount, Is.Zero);
        Assert.That(bench.Step().Step, Is.Zero);
    }

    [Test]
    public void A_loss_that_is_not_finite_names_the_step_and_updates_nothing()
    {
        using Bench bench = new(Schedules.GPipe(2, 2), options: TinyGpt.Options with { Loss = (y, t) => y.CrossEntropy(t) * double.NaN });
        float[] before = bench.Runner.Parameters[0].Data.ToArray<float>();
        AnomalyException error = Assert.Throws<AnomalyException>(() => bench.Step())!;
        Assert.That(error.Message, Does.Contain("loss of step 0 is NaN"));
        Assert.That(bench.Runner.Parameters[0].Data.ToArray<float>(), Is.EqualTo(before));
    }

    [Test]
    public void Anomaly_detection_names_the_op()
    {
        using Bench bench = new(Schedules.GPipe(2, 2),
            options: TinyGpt.Options with { Loss = (y, t) => (y - y).Log().Sum() + y.CrossEntropy(t), DetectAnomaly = true });
        Assert.That(() => bench.Step(), Throws.TypeOf<PipelineException>().With.Message.Contains("Log").And.InnerException.TypeOf<AnomalyException>());
    }

    [Test]
    public void Microbatches_may_change_shape_from_step_to_step()
    {
        using Bench bench = new(Schedules.OneForwardOneBackward(2, 2));
        bench.Step();
        int[] tokens = [1, 2, 3, 4, 5, 6, 7, 8];
        TokenMicrobatches shorter = new(tokens, tokens, time: 2, count: 2);
        Assert.That(bench.Runner.Step(shorter).Loss, Is.GreaterThan(0));
    }

    [Test]
    public void Parts_that_do_not_fit_are_refused()
    {
        Assert.That(() => new Bench(Schedules.GPipe(2, 3)).Step(), Throws.Nothing);
        using Bench bench = new(Schedules.GPipe(2, 2));
        Assert.That(() => bench.Runner.Step(TinyGpt.Data(0, 3)), Throws.TypeOf<PipelineException>().With.Message.Contains("2 microbatches"));
        Assert.That(() => new TokenMicrobatches(new int[6], new int[6], 2, 2), Throws.TypeOf<PipelineException>().With.Message.Contains("divide"));
        Assert.That(() => LayerSplit.Balance([1, 1], 3), Throws.TypeOf<ModelException>().With.Message.Contains("3 stages"));
    }

    [Test]
    public void Weights_tied_across_stages_are_refused_by_name()
    {
        using HostBackend backend = new(1);
        using Nn.Linear shared = new(4, 4);
        shared.Initialize(backend, 1);
        PipelineException error = Assert.Throws<PipelineException>(() =>
            new PipelineRunner([shared, shared], [0, 1], [backend, backend], Schedules.GPipe(2, 1), TinyGpt.Options))!;
        Assert.That(error.Message, Does.Contain("'weight'"));
    }

    [Test]
    public void Peak_memory_is_lower_with_the_schedule_that_holds_fewer_microbatches()
    {
        using Bench gpipe = new(Schedules.GPipe(2, 6)), oneF = new(Schedules.OneForwardOneBackward(2, 6));
        gpipe.Step();
        oneF.Step();
        Assert.That(oneF.PeakOfStage(1), Is.LessThan(gpipe.PeakOfStage(1)));
    }

    [Test]
    public void A_steady_state_step_asks_the_system_for_no_memory_and_allocates_few_managed_bytes()
    {
        using Bench bench = new(SplitBackward.Apply(Schedules.OneForwardOneBackward(2, 2), TwoStage.Fill));
        for (int step = 0; step < 20; step++) bench.Step(step);
        TokenMicrobatches data = TinyGpt.Data(0, 2);
        long system = bench.Backends.Sum(b => b.Memory.SystemAllocations);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        const int steps = 10;
        for (int step = 0; step < steps; step++) bench.Runner.Step(data);
        long perStep = (GC.GetTotalAllocatedBytes(precise: true) - before) / steps;
        TestContext.Out.WriteLine($"{perStep} managed bytes a step");
        Assert.That(bench.Backends.Sum(b => b.Memory.SystemAllocations), Is.EqualTo(system));
        Assert.That(perStep, Is.LessThan(8 * 1024));
    }

    /// <summary>A layer that fails when told to.</summary>
    private sealed class Failing : Module
    {
        public bool Fails { get; set; }

        public override Value Forward(Value x) => new Break(this).Apply(x);

        private sealed class Break(Failing owner) : Op
        {
            public override void Infer(Signature s) => s.Output(s[0], s.DType(0));

            public override void Forward(in ForwardContext c)
            {
                if (owner.Fails) throw new InvalidOperationException("broken on purpose");
                c.Backend.Copy(c[0], Destination.Into(c.Y));
            }

            public override void Gradient(in GradientContext c)
            {
                if (c.Wants(0, out Destination dx)) c.Backend.Copy(c.Dy, dx);
            }
        }
    }

    /// <summary>A tiny GPT under a schedule, with all it owns.</summary>
    private sealed class Bench : IDisposable
    {
        private readonly Gpt _model = new(TinyGpt.Config);

        public Bench(Schedule schedule, Failing? failing = null, PipelineOptions? options = null)
        {
            _model.AssignNames();
            List<Module> layers = [.. _model.Layers];
            if (failing is not null) layers.Insert(2, failing);
            int[] starts = LayerSplit.Balance([.. layers.Select(_ => 1.0)], schedule.Stages);
            if (failing is not null) starts[1] = 2;
            Backends = [.. starts.Select(_ => new HostBackend(1))];
            for (int l = 0; l < layers.Count; l++)
                foreach (Parameter parameter in layers[l].Parameters())
                    parameter.Initialize(Backends[Array.FindLastIndex(starts, s => s <= l)], TinyGpt.Seed);
            Runner = new PipelineRunner(layers, starts, Backends, schedule, options ?? TinyGpt.Options);
        }

        public HostBackend[] Backends { get; }

        public PipelineRunner Runner { get; }

        public StepResult Step(int step = 0) => Runner.Step(TinyGpt.Data(step, Runner.Schedule.Microbatches));

        public long PeakOfStage(int stage) => Backends[stage].Memory.PeakBytes;

        public void Dispose()
        {
            Runner.Dispose();
            _model.Dispose();
            foreach (HostBackend backend in Backends)
            {
                Assert.That(backend.Memory.Outstanding, Is.Zero, "the runner leaks buffers");
                backend.Dispose();
            }
        }
    }
}
