using AutogradCore.Kernels;
using AutogradCore.Kernels.Host;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Host;

public sealed class CoreAffinityTests
{
    /// <summary>Notes where each part's thread may run; the barrier gives each thread one part.</summary>
    private readonly struct Look(string[] cores, Barrier all) : IParallelBody
    {
        public void Run(int part)
        {
            cores[part] = AllowedHere();
            all.SignalAndWait();
        }
    }

    [SetUp]
    public void Require_pinning()
    {
        if (CoreAffinity.Reason is { } reason) Assert.Ignore(reason);
    }

    [Test]
    public void Each_thread_of_a_pool_stays_on_its_own_core_the_caller_on_the_first()
    {
        int[] cores = [.. CoreAffinity.Available.Take(4)];
        using WorkerPool pool = new(cores.Length, cores);
        using Barrier all = new(cores.Length);
        string[] seen = new string[cores.Length];
        pool.Run(cores.Length, new Look(seen, all));
        Assert.That(seen, Is.EquivalentTo(cores.Select(c => $"{c}")));
        Assert.That(AllowedHere(), Is.EqualTo($"{cores[0]}"));
    }

    [Test]
    public void A_pool_without_cores_leaves_its_threads_where_they_may_run()
    {
        string before = AllowedHere();
        using WorkerPool pool = new(2);
        using Barrier all = new(2);
        string[] seen = new string[2];
        pool.Run(2, new Look(seen, all));
        Assert.That(seen, Is.All.EqualTo(before));
    }

    [Test]
    public void Dispose_lets_the_caller_run_where_it_could_before_whichever_thread_disposes()
    {
        string before = AllowedHere();
        HostBackend backend = new(HostOptions.Pinned(1));
        Use(backend);
        Assert.That(AllowedHere(), Is.EqualTo($"{CoreAffinity.Available[0]}"));
        OnAnotherThread(backend.Dispose);
        Assert.That(AllowedHere(), Is.EqualTo(before));
    }

    [Test]
    public void Another_caller_takes_over_and_the_one_before_may_run_everywhere_again()
    {
        string before = AllowedHere(), other = "";
        using HostBackend backend = new(HostOptions.Pinned(1));
        Use(backend);
        OnAnotherThread(() =>
        {
            Use(backend);
            other = AllowedHere();
        });
        Assert.That(other, Is.EqualTo($"{CoreAffinity.Available[0]}"));
        Assert.That(AllowedHere(), Is.EqualTo(before));
    }

    [Test]
    public void A_thread_that_goes_from_backend_to_backend_goes_back_to_its_own_cores_at_the_end()
    {
        if (CoreAffinity.Available is not [var first, var second, ..])
        {
            Assert.Ignore("one core only");
            return;
        }
        string before = AllowedHere();
        using (HostBackend a = new(new HostOptions { Cores = [first] }), b = new(new HostOptions { Cores = [second] }))
        {
            Use(a);
            Use(b);
            Assert.That(AllowedHere(), Is.EqualTo($"{second}"));
            Use(a);
            Assert.That(AllowedHere(), Is.EqualTo($"{first}"));
        }
        Assert.That(AllowedHere(), Is.EqualTo(before));
    }

    [Test]
    public void One_thread_needs_no_workers() => Assert.Multiple(() =>
    {
        using HostBackend one = new(1), pinned = new(HostOptions.Pinned(1)), three = new(3);
        Assert.That(one.Workers, Is.Zero);
        Assert.That(pinned.Workers, Is.Zero);
        Assert.That(three.Workers, Is.EqualTo(2));
    });

    [Test]
    public void Cores_that_are_not_there_repeat_or_do_not_fit_the_threads_are_refused()
    {
        int own = CoreAffinity.Available[0];
        HostOptions[] all =
        [
            new() { Cores = [own, own] }, new() { Cores = [8000] }, new() { Cores = [-1] }, new() { Cores = [] },
            new() { Cores = [own], Threads = 2 }, new() { Threads = -1 },
        ];
        foreach (HostOptions wrong in all)
            Assert.That(() => new HostBackend(wrong), Throws.InstanceOf<ArgumentException>(), $"{wrong}");
        Assert.That(() => HostOptions.Pinned(CoreAffinity.Available.Count + 1), Throws.ArgumentException);
    }

    private static void Use(HostBackend backend)
    {
        using Tensor x = new(backend, [64, 64], DType.Float32), y = new(backend, [64, 64], DType.Float32);
        backend.Fill(x.View, 1);
        backend.Gemm(x.View, x.View, Destination.Into(y.View));
    }

    private static void OnAnotherThread(System.Action work)
    {
        Thread thread = new(() => work());
        thread.Start();
        thread.Join();
    }

    private static string AllowedHere() =>
        File.ReadLines("/proc/thread-self/status").First(l => l.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal))
            .Split('\t')[1];
}
