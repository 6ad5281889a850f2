using AutogradCore.Cli;
using AutogradCore.Kernels;
using AutogradCore.Tests.Engine;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class StageCoresTests
{
    [TestCase(1, 1)]
    [TestCase(5, 2)]
    [TestCase(8, 3)]
    [TestCase(7, 7)]
    public void Stages_share_all_threads_and_none_is_left_without(int threads, int stages)
    {
        int[] shares = [.. Enumerable.Range(0, stages).Select(s => StageCores.Threads(threads, s, stages))];
        Assert.That(shares.Sum(), Is.EqualTo(threads));
        Assert.That(shares.Max() - shares.Min(), Is.LessThanOrEqualTo(1));
    }

    [Test]
    public void No_two_stages_share_a_core_and_each_thread_has_one()
    {
        if (CoreAffinity.Reason is { } reason) Assert.Ignore(reason);
        int threads = CoreAffinity.Available.Count;
        for (int stages = 1; stages <= threads; stages++)
        {
            int[] cores = [.. Enumerable.Range(0, stages).SelectMany(s => StageCores.Of(threads, s, stages))];
            Assert.That(cores, Is.EqualTo(CoreAffinity.Available));
        }
    }

    [Test]
    public void Pinned_training_has_the_bits_of_unpinned_training()
    {
        if (CoreAffinity.Available.Count < 2) Assert.Ignore(CoreAffinity.Reason ?? "one core only");
        using TemporaryFolder folder = new();
        CommandLine pinned = CommandLine.Train(folder, "pinned", "--pin", "--threads", "2"),
            free = CommandLine.Train(folder, "free");
        Assert.That(pinned.Code, Is.EqualTo(ExitCode.Ok), pinned.Error);
        Assert.That(pinned.Hash, Is.EqualTo(free.Hash));
    }

    [Test]
    public void Pinning_more_threads_than_cores_or_another_backend_is_refused()
    {
        using TemporaryFolder folder = new();
        CommandLine many = CommandLine.Train(folder, "many", "--pin", "--threads", "9000");
        Assert.That((many.Code, many.Error.Contains("Hint:")), Is.EqualTo((ExitCode.Usage, true)), many.Error);
        CommandLine other = CommandLine.Train(folder, "other", "--pin", "--backend", "reference");
        Assert.That(other.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(other.Error, Does.Contain("--backend is reference"));
    }
}
