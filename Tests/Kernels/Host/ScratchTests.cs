using AutogradCore.Kernels.Host;
using NUnit.Framework;
using HostScratch = AutogradCore.Kernels.Host.Scratch;

namespace AutogradCore.Tests.Kernels.Host;

public sealed unsafe class ScratchTests
{
    [Test]
    public void A_block_grows_to_the_largest_use_and_is_reused_below_it()
    {
        using var scratch = new HostScratch();
        float* first = scratch.Get<float>(0, 100);
        Assert.That((long)first % 64, Is.Zero);
        Assert.That(scratch.Get<float>(0, 50) == first, Is.True);
        scratch.Get<double>(1, 10);
        Assert.That(scratch.Bytes, Is.EqualTo(480));
        scratch.Dispose();
        Assert.That(scratch.Bytes, Is.Zero);
    }

    [Test]
    public void A_set_lends_each_scratch_to_one_part_at_a_time()
    {
        using var set = new ScratchSet(2);
        HostScratch a = set.Rent(), b = set.Rent();
        Assert.That(b, Is.Not.SameAs(a));
        Assert.That(set.Rent, Throws.InvalidOperationException);
        set.Return(a);
        Assert.That(set.Rent(), Is.SameAs(a));
    }
}
