using NUnit.Framework;

namespace AutogradCore.Tests.Engine.Tensors;

public sealed class HugePagesTests
{
    [Test]
    public void Large_blocks_begin_on_a_huge_page_and_small_ones_on_a_cache_line()
    {
        foreach (long bytes in (long[])[1, 4096, HugePages.Size - 1, HugePages.Size, (5 * HugePages.Size) + 17])
        {
            nint pointer = HostMemory.Allocate(bytes);
            Assert.That(pointer % (bytes < HugePages.Size ? HostMemory.Alignment : HugePages.Size), Is.Zero, $"{bytes} bytes");
            HostMemory.Free(pointer);
        }
    }

    [Test]
    public unsafe void Touched_memory_is_in_huge_pages_where_the_system_gives_them()
    {
        if (HugePages.Reason is { } reason) Assert.Ignore($"no huge pages: {reason}");
        const long bytes = 32 * HugePages.Size; // more than an allocator takes from memory that was touched before
        nint pointer = HostMemory.Allocate(bytes);
        new Span<byte>((void*)pointer, (int)bytes).Fill(1);
        long? huge = HugePages.ResidentAround(pointer);
        HostMemory.Free(pointer);
        if (huge == 0) Assert.Ignore("the system took the advice, and had no huge page free");
        Assert.That(huge, Is.GreaterThanOrEqualTo(HugePages.Size));
    }

    [Test]
    public void Only_whole_huge_pages_inside_a_range_are_asked_for()
    {
        if (HugePages.Reason is { } reason) Assert.Ignore($"no huge pages: {reason}");
        nint pointer = HostMemory.Allocate(4 * HugePages.Size);
        Assert.That(HugePages.Advise(pointer, (3 * HugePages.Size) - 1), Is.EqualTo(2 * HugePages.Size));
        Assert.That(HugePages.Advise(pointer + 64, 2 * HugePages.Size), Is.EqualTo(HugePages.Size));
        Assert.That(HugePages.Advise(pointer + 64, HugePages.Size), Is.Zero);
        HostMemory.Free(pointer);
    }

    [Test]
    public void The_reason_says_why_there_are_none_and_then_nothing_is_advised()
    {
        if (HugePages.Reason is not { } reason) Assert.Ignore("this machine has them");
        else
        {
            Assert.That(reason, Is.Not.Empty);
            Assert.That(HugePages.Advise(0, 8 * HugePages.Size), Is.Zero);
        }
    }
}
