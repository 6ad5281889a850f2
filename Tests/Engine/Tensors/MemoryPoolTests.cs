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

    [Test]
    public void Memory_lent_briefly_serves_blocks_of_other_sizes()
    {
        using MemoryPool pool = new();
        Buffer first = pool.RentBriefly(1 << 20), second = pool.RentBriefly(2 << 20), third = pool.RentBriefly(1 << 20);
        first.Return();
        third.Return();
        second.Return();
        Buffer whole = pool.RentBriefly(4 << 20);
        Assert.That((pool.SystemAllocations, pool.ReservedBytes), Is.EqualTo((1L, 4L << 20)), "all of it is one block again");
        whole.Return();
        pool.Trim();
        Assert.That((pool.ReservedBytes, pool.Outstanding), Is.EqualTo((0L, 0)));
    }

    [Test]
    public void The_same_requests_in_the_same_order_find_the_same_addresses_once_a_step_has_shown_how_much_it_takes()
    {
        using MemoryPool pool = new();
        nint[][] addresses = [.. Enumerable.Range(0, 5).Select(_ => Step(pool, new nint[200], new Random(5)))];
        long allocations = pool.SystemAllocations;
        Assert.That(allocations, Is.GreaterThan(1), "the first step takes several pieces");
        Assert.That(Step(pool, new nint[200], new Random(5)), Is.EqualTo(addresses[^1]));
        Assert.That(pool.SystemAllocations, Is.EqualTo(allocations));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void Blocks_lent_at_the_same_time_never_overlap(int seed)
    {
        using MemoryPool pool = new();
        Random random = new(seed);
        List<Buffer> lent = [];
        for (int i = 0; i < 400; i++)
        {
            if (lent.Count > 0 && random.Next(2) == 0)
            {
                int which = random.Next(lent.Count);
                lent[which].Return();
                lent.RemoveAt(which);
                continue;
            }
            Buffer buffer = random.Next(4) == 0 ? pool.Rent(random.Next(1 << 20)) : pool.RentBriefly(random.Next(6 << 20));
            Assert.That((long)buffer.Pointer % MemoryPool.Alignment, Is.Zero);
            foreach (Buffer other in lent)
                Assert.That(buffer.Pointer + (nint)buffer.Capacity <= other.Pointer
                    || other.Pointer + (nint)other.Capacity <= buffer.Pointer);
            lent.Add(buffer);
            Assert.That(pool.CurrentBytes, Is.EqualTo(lent.Sum(b => b.Bytes)));
            Assert.That(pool.ReservedBytes, Is.GreaterThanOrEqualTo(lent.Sum(b => b.Capacity)));
        }
        foreach (Buffer buffer in lent) buffer.Return();
        pool.Trim();
        Assert.That(pool.ReservedBytes, Is.Zero);
    }

    [Test]
    public void A_piece_still_lent_when_the_pool_is_disposed_is_freed_when_it_comes_back()
    {
        MemoryPool pool = new();
        Buffer first = pool.RentBriefly(1 << 20), second = pool.RentBriefly(1 << 20);
        pool.Dispose();
        first.Return();
        Assert.That(pool.ReservedBytes, Is.EqualTo(2 << 20));
        Assert.That(first.Return, Throws.TypeOf<MemoryException>());
        second.Return();
        Assert.That(pool.ReservedBytes, Is.Zero);
    }

    /// <summary>Lends and takes back as drawn; returns the addresses.</summary>
    private static nint[] Step(MemoryPool pool, nint[] addresses, Random random)
    {
        List<Buffer> lent = [];
        for (int i = 0; i < addresses.Length; i++)
        {
            Buffer buffer = pool.RentBriefly((1 << 20) + random.Next(3 << 20));
            addresses[i] = buffer.Pointer;
            lent.Add(buffer);
            if (random.Next(3) == 0) continue;
            int which = random.Next(lent.Count);
            lent[which].Return();
            lent.RemoveAt(which);
        }
        foreach (Buffer buffer in lent) buffer.Return();
        return addresses;
    }
}
