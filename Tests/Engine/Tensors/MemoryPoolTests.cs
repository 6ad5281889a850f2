using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Tensors;

public sealed class MemoryPoolTests
{
    [TestCase(2_200_000)]
    [TestCase(2_097_153)]
    [TestCase(9_000_001)]
    public void A_request_is_rounded_up_by_an_eighth_at_most_huge_pages_or_not(long bytes)
    {
        using MemoryPool pool = new();
        Buffer buffer = pool.Rent(bytes);
        Assert.That(buffer.Capacity, Is.InRange(bytes, bytes + (bytes / 8)));
        Assert.That(pool.ReservedBytes, Is.EqualTo(buffer.Capacity));
        buffer.Return();
    }

    [Test]
    public void Trim_gives_large_waiting_blocks_back_too()
    {
        using MemoryPool pool = new();
        Buffer kept = pool.Rent(3 << 20), waiting = pool.Rent(5 << 20);
        waiting.Return();
        pool.Trim();
        Assert.That(pool.ReservedBytes, Is.EqualTo(kept.Capacity));
        Buffer again = pool.Rent(5 << 20);
        Assert.That(pool.SystemAllocations, Is.EqualTo(3));
        again.Return();
        kept.Return();
    }
}
