using AutogradCore.Optim;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class ContinuousFailureTests
{
    private static readonly PipelineOptions Plain = ContinuousBench.Options("adamw");

    [TestCase(null)]
    [TestCase(0.5)]
    public void A_failing_action_is_named_and_training_goes_on_from_the_last_batch_that_all_stages_were_through(double? clip)
    {
        PipelineOptions options = Plain with { ClipNorm = clip };
        using ContinuousBench straight = new(3, 4, options: options);
        straight.Run(8);
        foreach (int failing in new[] { 1, 6, 13, 17, 20 })
        {
            TrickLayer trick = new();
            using ContinuousBench bench = new(3, 4, options: options, trick: trick);
            int runs = 0;
            trick.WhenRun = () =>
            {
                if (++runs == failing) throw new InvalidOperationException("broken on purpose");
            };
            PipelineException error = Assert.Throws<PipelineException>(() => bench.Run(8))!;
            Assert.That(error.Message, Is.EqualTo($"Rank 1 failed in 1F{failing - 1}: broken on purpose"));
            int count = bench.Runner.BatchCount;
            Assert.That(count, Is.InRange(Math.Max(0, (failing - 1) / 4 - 2), (failing - 1) / 4));
            Assert.That(bench.Runner.Stages.Select(s => s.Optimizer.StepCount), Is.All.EqualTo(count));
            bench.Run(8 - count);
            Assert.That(bench.Bits(), Is.EqualTo(straight.Bits()), $"after a failure at {failing} and {count} batches");
            foreach (PipelineStage stage in bench.Runner.Stages)
                Assert.That(bench.Backends[stage.Index].Memory.CurrentBytes,
                    Is.LessThanOrEqualTo(6 * stage.Parameters.Sum(p => (long)p.Shape.ElementCount * sizeof(float))));
        }
    }

    [Test]
    public void Cancelling_in_the_middle_stops_all_stages_and_training_goes_on_to_the_same_bits()
    {
        using ContinuousBench straight = new(3, 4), bench = new(3, 4);
        straight.Run(9);
        using CancellationTokenSource source = new();
        IEnumerable<IMicrobatches> Cancelling()
        {
            foreach (IMicrobatches batch in bench.Batches(9))
            {
                if (bench.Runner.Progress is Counter { Count: >= 3 }) source.Cancel();
                yield return batch;
            }
        }
        bench.Runner.Progress = new Counter();
        Assert.That(() => bench.Runner.Run(Cancelling(), source.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(bench.Runner.BatchCount, Is.InRange(3, 8));
        bench.Run(9 - bench.Runner.BatchCount);
        Assert.That(bench.Bits(), Is.EqualTo(straight.Bits()));
    }

    [Test]
    public void Cancelling_ends_the_wait_for_the_other_stages_of_a_batch()
    {
        BatchBoard board = new(0, 1, 2, 0, null);
        board.NoteWeights(0, new StepWeights([1], sums: false));
        using CancellationTokenSource source = new();
        board.Contribute(0, 0, []);
        Task wait = Task.Run(() => board.Await(0, source.Token));
        source.Cancel();
        Assert.That(() => wait.Wait(TimeSpan.FromSeconds(30)), Throws.TypeOf<AggregateException>()
            .With.InnerException.InstanceOf<OperationCanceledException>());
        board.Contribute(0, 0, []);
        Assert.That(() => board.Await(0, source.Token), Throws.Nothing, "what is whole needs no wait");
    }

    [Test]
    public void A_loss_that_is_not_finite_names_the_batch_and_makes_no_update()
    {
        bool broken = false;
        using ContinuousBench straight = new(2, 4, options: Plain), bench = new(2, 4, options: Plain with
        {
            Loss = (y, t) => y.CrossEntropy(t) * (broken ? double.NaN : 1),
        });
        straight.Run(3);
        bench.Run(3);
        broken = true;
        bench.Model.Train(false); // Recorded anew.
        AnomalyException error = Assert.Throws<AnomalyException>(() => bench.Run(1))!;
        Assert.That(error.Message, Does.Contain("loss of batch 3 is NaN"));
        Assert.That(bench.Bits(), Is.EqualTo(straight.Bits()));
        Assert.That(bench.Runner.BatchCount, Is.EqualTo(3));
    }

    [Test]
    public void Stages_that_stand_apart_are_told_and_the_runner_refuses_until_a_state_is_restored()
    {
        TrickLayer trick = new();
        using ContinuousBench bench = new(3, 1, WeightPolicy.Stashed, Plain, trick: trick);
        using ContinuousBench straight = new(3, 1, WeightPolicy.Stashed, Plain, trick: new TrickLayer());
        straight.Run(2);
        bench.Run(2);
        using Held held = new(bench.Runner.State());
        int runs = 0;
        trick.WhenRun = () =>
        {
            if (++runs < 5) return;
            // Stage 2 has the activations of microbatch 3; its update 3 puts it ahead of stage 1.
            SpinWait.SpinUntil(() => bench.Runner.Stages[2].Optimizer.StepCount == 6, TimeSpan.FromSeconds(30));
            trick.WhenRun = null;
            throw new InvalidOperationException("broken on purpose");
        };
        PipelineException error = Assert.Throws<PipelineException>(() => bench.Run(8))!;
        Assert.That(error.Message, Does.Contain("Rank 1 failed in 1F4")
            .And.Contain("Stages stand after").And.Contain("checkpoint"));
        Assert.That(() => bench.Run(1), Throws.TypeOf<PipelineException>().With.Message.Contains("cannot go on as it is"));
        bench.Runner.Restore(held.State, 2);
        straight.Run(3);
        bench.Run(3);
        Assert.That(bench.Bits(), Is.EqualTo(straight.Bits()));
    }

    [Test]
    public void An_update_that_breaks_off_is_told_and_the_runner_refuses_to_go_on()
    {
        int made = 0;
        using ContinuousBench bench = new(3, 4, options: Plain with
        {
            Optimizer = parameters => ++made == 2 ? new Brittle(parameters) : TinyGpt.Optimizer(parameters),
        });
        PipelineException error = Assert.Throws<PipelineException>(() => bench.Run(5))!;
        Assert.That(error.Message, Does.Contain("Rank 1 failed in 1U2: broken on purpose")
            .And.Contain("update of stage 1 broke off"));
        Assert.That(() => bench.Run(1), Throws.TypeOf<PipelineException>().With.Message.Contains("stage 1"));
    }

    [Test]
    public void A_source_that_fails_names_the_batch()
    {
        using ContinuousBench bench = new(2, 4);
        IEnumerable<IMicrobatches> Source()
        {
            foreach (IMicrobatches batch in bench.Batches(2)) yield return batch;
            throw new IOException("the disk is gone");
        }
        Assert.That(() => bench.Runner.Run(Source()), Throws.TypeOf<PipelineException>()
            .With.Message.EqualTo("Batch 2 could not be read: the disk is gone"));
        Assert.That(bench.Run(1).Batches.Single().Batch, Is.EqualTo(bench.Runner.BatchCount - 1));
    }

    [Test]
    public void A_run_or_a_disposal_from_inside_a_run_is_refused_and_so_is_a_disposed_runner()
    {
        TrickLayer trick = new();
        using ContinuousBench bench = new(2, 4, trick: trick);
        System.Action[] calls = [() => bench.Run(1), bench.Runner.Dispose, () => bench.Runner.State()];
        foreach (System.Action inside in calls)
        {
            trick.WhenRun = inside;
            Assert.That(() => bench.Run(1), Throws.TypeOf<PipelineException>().With.Message.Contains("under way"));
        }
        trick.WhenRun = null;
        bench.Run(1);
        bench.Runner.Dispose();
        bench.Runner.Dispose();
        Assert.That(() => bench.Run(1), Throws.TypeOf<ObjectDisposedException>());
    }

    private sealed class Counter : IProgress<BatchResult>
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public void Report(BatchResult value) => Interlocked.Increment(ref _count);
    }

    /// <summary>A copy of a state, as one would read it from a file.</summary>
    private sealed class Held : IDisposable
    {
        private readonly ReferenceBackend _backend = new();

        public Held(IReadOnlyDictionary<string, Tensor> state) => State = state.ToDictionary(s => s.Key,
            s => Tensor.From<float>(_backend, s.Value.ToArray<float>(), s.Value.Shape));

        public Dictionary<string, Tensor> State { get; }

        public void Dispose()
        {
            foreach (Tensor tensor in State.Values) tensor.Dispose();
            _backend.Dispose();
        }
    }

    private sealed class Brittle(IEnumerable<Parameter> parameters) : Optimizer(parameters, LearningRate.Constant(0.1))
    {
        public override IReadOnlyList<string> StateKinds => [];

        protected override void Update(Parameter parameter, double rate, double gradientScale)
        {
            if (StepCount == 2) throw new InvalidOperationException("broken on purpose");
        }
    }
}
