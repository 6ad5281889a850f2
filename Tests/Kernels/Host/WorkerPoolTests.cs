using AutogradCore.Kernels.Host;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Host;

public sealed class WorkerPoolTests
{
    private readonly struct Count(int[] hits) : IParallelBody
    {
        public void Run(int part) => Interlocked.Increment(ref hits[part]);
    }

    private readonly struct FailAt(int bad, int[] hits) : IParallelBody
    {
        public void Run(int part)
        {
            Interlocked.Increment(ref hits[part]);
            if (part == bad)
                throw new FormatException($"part {part}");
        }
    }

    private readonly struct Nested(WorkerPool pool) : IParallelBody
    {
        public void Run(int part) => pool.Run(2, new Count(new int[2]));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(8)]
    public void Every_part_runs_exactly_once(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (int round = 0; round < 2000; round++)
        {
            int parts = round % 13;
            int[] hits = new int[13];
            pool.Run(parts, new Count(hits));
            for (int part = 0; part < 13; part++)
                Assert.That(hits[part], Is.EqualTo(part < parts ? 1 : 0));
        }
    }

    [TestCase(2)]
    [TestCase(3)]
    public void An_exception_in_a_part_reaches_the_caller_once_and_the_other_parts_still_run(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (int bad = 0; bad < 5; bad++)
        {
            int[] hits = new int[5];
            Assert.That(
                () => pool.Run(5, new FailAt(bad, hits)), Throws.TypeOf<FormatException>().With.Message.EqualTo($"part {bad}"));
            Assert.That(hits, Is.All.EqualTo(1));
            Assert.That(() => pool.Run(5, new Count(hits)), Throws.Nothing);
        }
    }

    [Test]
    public void A_job_allocates_nothing_in_the_steady_state()
    {
        using var pool = new WorkerPool(2);
        var body = new Count(new int[4]);
        for (int i = 0; i < 100; i++)
            pool.Run(4, body);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            pool.Run(4, body);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Pools_side_by_side_do_not_disturb_each_other()
    {
        using var first = new WorkerPool(2);
        using var second = new WorkerPool(3);
        int[] a = new int[4], b = new int[4];
        var thread = new Thread(() =>
        {
            for (int i = 0; i < 3000; i++)
                first.Run(4, new Count(a));
        });
        thread.Start();
        for (int i = 0; i < 3000; i++)
            second.Run(4, new Count(b));
        thread.Join();
        Assert.That(a, Is.All.EqualTo(3000));
        Assert.That(b, Is.All.EqualTo(3000));
    }

    [TestCase(1)]
    [TestCase(2)]
    public void A_pool_that_is_busy_refuses_a_second_job_instead_of_mixing_them(int threads)
    {
        using var pool = new WorkerPool(threads);
        Assert.That(() => pool.Run(1, new Nested(pool)), Throws.InvalidOperationException.With.Message.Contains("Hint:"));
        Assert.That(() => pool.Run(2, new Nested(pool)), Throws.InvalidOperationException.With.Message.Contains("Hint:"));
    }

    [TestCase(1)]
    [TestCase(2)]
    public void A_disposed_pool_refuses_work(int threads)
    {
        var pool = new WorkerPool(threads);
        pool.Dispose();
        pool.Dispose();
        foreach (int parts in new[] { 0, 1, 2 })
            Assert.That(() => pool.Run(parts, new Count(new int[2])), Throws.TypeOf<ObjectDisposedException>());
    }
}
