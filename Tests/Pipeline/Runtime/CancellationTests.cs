using System.Diagnostics;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

public sealed class CancellationTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1), Never = TimeSpan.FromSeconds(30);

    [Test]
    public void A_step_cancelled_before_it_starts_ends_with_an_exception_and_the_next_one_runs()
    {
        using PipelineBench bench = new(Schedules.GPipe(2, 2));
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => bench.Runner.Step(TinyGpt.Data(0, 2), cancelled.Token));
        Assert.That(bench.Runner.StepCount, Is.Zero);
        Assert.That(bench.Step().Step, Is.Zero);
    }

    [Test]
    public void Cancelling_ends_a_step_whose_ranks_all_wait_for_messages()
    {
        using WatchedTransport transport = new() { LosesMessages = true };
        using PipelineBench bench = new(Schedules.GPipe(3, 1), transport: transport);
        using CancellationTokenSource source = new();
        Task<StepResult> step = Task.Run(() => bench.Runner.Step(TinyGpt.Data(0, 1), source.Token));
        Assert.That(transport.RanksWait(3), Is.True, "all three ranks wait");
        Stopwatch watch = Stopwatch.StartNew();
        source.Cancel();
        Assert.That(() => step.Wait(Never), Throws.TypeOf<AggregateException>()
            .With.InnerException.InstanceOf<OperationCanceledException>());
        Assert.That(watch.Elapsed, Is.LessThan(Soon));
        transport.LosesMessages = false;
        Assert.That(bench.Step().Step, Is.Zero, "the next step runs");
    }

    [Test]
    public void A_stage_that_fails_while_the_others_wait_for_messages_ends_the_step()
    {
        using WatchedTransport transport = new();
        TrickLayer layer = new();
        using PipelineBench bench = new(Schedules.GPipe(3, 1), layer, transport: transport);
        Stopwatch watch = new();
        layer.WhenRun = () =>
        {
            Assert.That(transport.RanksWait(2), Is.True, "the other ranks wait");
            watch.Start();
            throw new InvalidOperationException("broken on purpose");
        };
        Assert.That(() => bench.Step(), Throws.TypeOf<PipelineException>().With.Message.Contains("broken on purpose"));
        Assert.That(watch.Elapsed, Is.LessThan(Soon));
    }

    [Test]
    public void A_callback_on_the_token_that_throws_neither_hides_the_failure_nor_hangs_the_step()
    {
        using WatchedTransport transport = new() { Callback = () => throw new FormatException("a bad callback") };
        TrickLayer layer = new();
        using PipelineBench bench = new(Schedules.GPipe(3, 1), layer, transport: transport);
        layer.WhenRun = () =>
        {
            Assert.That(transport.RanksWait(2), Is.True, "the other ranks wait");
            throw new InvalidOperationException("broken on purpose");
        };
        Assert.That(() => bench.Step(), Throws.TypeOf<PipelineException>().With.Message.Contains("broken on purpose"));
        (layer.WhenRun, transport.Callback) = (null, null);
        Assert.That(bench.Step().Step, Is.Zero, "the next step runs");
    }

    [Test]
    public void A_step_or_a_disposal_from_inside_a_step_is_refused_instead_of_waiting_for_ever()
    {
        TrickLayer layer = new();
        using PipelineBench bench = new(Schedules.GPipe(3, 1), layer);
        foreach (System.Action inside in new System.Action[] { () => bench.Step(), () => bench.Runner.Dispose() })
        {
            layer.WhenRun = inside;
            Assert.That(() => bench.Step(), Throws.TypeOf<PipelineException>().With.Message.Contains("under way"));
        }
        layer.WhenRun = null;
        Assert.That(bench.Step().Step, Is.Zero);
    }

    [Test]
    public void A_disposed_runner_refuses_steps_and_may_be_disposed_again()
    {
        using PipelineBench bench = new(Schedules.GPipe(2, 2));
        bench.Step();
        bench.Runner.Dispose();
        bench.Runner.Dispose();
        Assert.That(() => bench.Step(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains(nameof(PipelineRunner)));
    }

    [Test]
    public void Rank_threads_end_once_and_refuse_work_afterwards()
    {
        RankThreads threads = new(2);
        using CancellationTokenSource stop = new();
        int ran = 0;
        threads.Run(_ => Interlocked.Increment(ref ran), stop);
        threads.Dispose();
        threads.Dispose();
        Assert.That(ran, Is.EqualTo(2));
        Assert.That(() => threads.Run(_ => { }, stop), Throws.TypeOf<ObjectDisposedException>());
    }

    /// <summary>A transport that knows how many ranks wait, may lose every message, and may hang a callback on the
    /// token.</summary>
    private sealed class WatchedTransport : ITransport
    {
        private readonly InProcessTransport _inner = new();
        private int _waiting;

        public bool LosesMessages { get; set; }

        public System.Action? Callback { get; set; }

        public void Send(Message message, in View data, IBackend backend)
        {
            if (!LosesMessages) _inner.Send(message, data, backend);
        }

        public Received Receive(Message message, CancellationToken cancellation)
        {
            using CancellationTokenRegistration hung = Callback is { } callback ? cancellation.Register(callback) : default;
            Interlocked.Increment(ref _waiting);
            try
            {
                return _inner.Receive(message, cancellation);
            }
            finally
            {
                Interlocked.Decrement(ref _waiting);
            }
        }

        public bool TryReceive(Message message, out Received data) => _inner.TryReceive(message, out data);

        public void Clear() => _inner.Clear();

        public void Dispose() => _inner.Dispose();

        /// <summary>Returns once so many ranks are waiting for messages at the same time.</summary>
        public bool RanksWait(int ranks) => SpinWait.SpinUntil(() => Volatile.Read(ref _waiting) == ranks, Never);
    }
}
