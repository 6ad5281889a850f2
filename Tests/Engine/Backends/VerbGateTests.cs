using NUnit.Framework;
using static AutogradCore.Destination;

namespace AutogradCore.Tests.Backends;

/// <summary>Disposing a backend beside verbs on other threads: it waits for them, and refuses later ones.</summary>
[TestFixtureSource(typeof(BackendCases), nameof(BackendCases.Singles))]
public sealed class VerbGateTests(BackendCase on)
{
    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(60);

    [Test]
    public void Disposal_beside_verbs_waits_for_them_and_refuses_later_ones()
    {
        for (int round = 0; round < 4; round++)
        {
            IBackend backend = on.Open();
            int n = backend.Memory.IsHostMemory ? 128 : 8; // enough for all threads, and little for the emulator
            using Tensor x = Tensor.From<float>(backend, new float[n * n], [n, n]), y = new(backend, [n, n]);
            using Tensor ids = Tensor.From<int>(backend, new int[n], [n]), loss = new(backend, []);
            using Tensor lse = new(backend, [n], DTypes.Statistics);
            using ManualResetEventSlim runs = new();
            Task worker = Task.Factory.StartNew(
                () =>
                {
                    while (true)
                    {
                        backend.Gemm(x.View, x.View, Into(y.View));
                        backend.Softmax(x.View, Into(y.View));
                        backend.Rotary(x.View.Reshape([1, n, 1, n]), new(), Into(y.View.Reshape([1, n, 1, n])));
                        backend.CrossEntropy(x.View, ids.View, new(), loss.View, lse.View);
                        _ = backend.SquaredNorm(x.View);
                        runs.Set();
                    }
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Assert.That(runs.Wait(Ample));
            Thread.Sleep(round);
            Task disposal = Task.Run(backend.Dispose);
            Assert.That(disposal.Wait(Ample), "disposal hangs");
            AggregateException end = Assert.Throws<AggregateException>(() => worker.Wait(Ample), "the verb hangs")!;
            Assert.That(end.InnerException, Is.InstanceOf<ObjectDisposedException>());
        }
    }

    [Test]
    public void Verbs_of_a_disposed_backend_are_refused_and_disposing_again_does_nothing()
    {
        IBackend backend = on.Open();
        using Tensor x = new(backend, [4, 4]), y = new(backend, [4, 4]);
        backend.Dispose();
        backend.Dispose();
        Action[] verbs =
        [
            () => backend.Fill(x.View, 1), () => backend.Copy(x.View, Into(y.View)), () => backend.Sum(x.View, Into(y.View)),
            () => backend.Map<Relu.Function>(x.View, Into(y.View)), () => backend.Gemm(x.View, x.View, Into(y.View)),
            () => backend.Download(x.View, new float[16]), () => backend.Upload(new float[16], x.View), backend.Synchronize,
            () => backend.SquaredNorm(x.View), () => backend.IsFinite(x.View), () => new Tensor(backend, [2]).Dispose(),
        ];
        foreach (Action verb in verbs) Assert.Throws<ObjectDisposedException>(() => verb());
    }

    [Test]
    public void A_gate_waits_for_the_last_of_those_inside_on_any_thread()
    {
        VerbGate gate = new();
        using ReferenceBackend backend = new();
        using ManualResetEventSlim inside = new(), leave = new();
        bool left = false;
        Thread visitor = new(() =>
        {
            using VerbGate.Pass pass = gate.Enter(backend);
            using (gate.Enter(backend)) inside.Set();
            leave.Wait();
            Volatile.Write(ref left, true);
        });
        visitor.Start();
        Assert.That(inside.Wait(Ample));
        Task<bool> closing = Task.Run(() =>
        {
            bool closed = gate.Close();
            return closed && Volatile.Read(ref left);
        });
        while (true)
        {
            try
            {
                gate.Enter(backend).Dispose();
            }
            catch (ObjectDisposedException)
            {
                break;
            }
        }
        Assert.That(closing.IsCompleted, Is.False);
        leave.Set();
        Assert.That(closing.Wait(Ample) && closing.Result);
        Assert.That(gate.Close(), Is.False);
        visitor.Join();
    }

    [Test]
    public void A_verb_cannot_dispose_its_own_backend()
    {
        VerbGate gate = new();
        using ReferenceBackend backend = new();
        using VerbGate.Pass pass = gate.Enter(backend);
        Assert.Throws<InvalidOperationException>(() => gate.Close());
    }
}
