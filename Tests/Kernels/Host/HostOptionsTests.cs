using AutogradCore.Kernels;
using NUnit.Framework;

namespace AutogradCore.Tests.Kernels.Host;

public sealed class HostOptionsTests
{
    [TestCase(-1)]
    [TestCase(1 << 20)]
    public void Threads_beyond_any_machine_are_refused_before_one_is_started(int threads) =>
        Assert.That(() => new HostBackend(new HostOptions { Threads = threads }), Throws.TypeOf<ArgumentOutOfRangeException>());
}
