extern alias simt;

using NUnit.Framework;
using simt::AutogradCore.Kernels.Ilgpu;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Kernels.Simt;

/// <summary>Copies that a lane starts and waits for later: what arrives, and one kernel for each way to touch it too
/// early.</summary>
public sealed class AsyncCopyTests
{
    private const int Lanes = 16;
    private SimtMachine _machine = null!;
    private nint _pointer;
    private Arguments _arguments;

    [SetUp]
    public unsafe void Open()
    {
        _machine = new(new SimtOptions { WarpSize = 8 });
        _pointer = _machine.Allocate(256 * sizeof(float));
        _arguments = new() { X = _machine.View<float>(_pointer, 0, 256) };
        for (int i = 0; i < 256; i++) ((float*)_pointer)[i] = i;
    }

    [TearDown]
    public void Close()
    {
        _machine.Free(_pointer);
        _machine.Dispose();
    }

    [Test]
    public void What_a_lane_copied_is_there_for_itself_after_its_wait_and_for_others_after_a_barrier() =>
        Assert.That(Run(Reversed)[64..128], Is.EqualTo(Enumerable.Range(0, Lanes)
            .SelectMany(lane => Enumerable.Range(4 * (Lanes - 1 - lane), 4)).Select(i => (float)i)));

    [Test]
    public void Bytes_that_the_source_lacks_are_zeros([Range(0, 16)] int bytes)
    {
        _arguments.Bytes = bytes;
        byte[] expected = new byte[16];
        System.Buffer.BlockCopy(new float[] { 4, 5, 6, 7 }, 0, expected, 0, bytes);
        Assert.That(Bytes(Run(Partial)[64..68]), Is.EqualTo(expected));
    }

    [Test]
    public void Four_bytes_are_copied_from_any_word() =>
        Assert.That(Run(ByWords)[64..68], Is.EqualTo(new float[] { 3, 0, 5, 0 }));

    [Test]
    public void Groups_arrive_oldest_first_and_empty_ones_count() =>
        Assert.That(Run(TwoGroups)[64..68], Is.EqualTo(new float[] { 0, 4, 8, 0 }));

    [Test]
    public void A_read_by_the_lane_itself_before_its_wait_is_caught()
    {
        SimtFaultException fault = Caught(ReadTooEarly, SimtFault.UnderWay);
        Assert.That(fault.Message, Does.Contain("shared memory is being written by a copy that lane 0 started at line"));
    }

    [Test]
    public void A_read_by_another_lane_before_the_wait_is_caught_even_after_a_barrier() =>
        Caught(ReadByOther, SimtFault.UnderWay);

    [Test]
    public void A_read_by_another_lane_after_the_wait_and_before_the_barrier_is_caught() => Caught(NoBarrier, SimtFault.Race);

    [Test]
    public void A_wait_that_leaves_the_group_on_its_way_is_caught() => Caught(TooShortAWait, SimtFault.UnderWay);

    [Test]
    public void A_wait_without_a_commit_waits_for_nothing() => Caught(Uncommitted, SimtFault.UnderWay);

    [Test]
    public void A_write_to_the_target_of_a_copy_is_caught() => Caught(TargetWritten, SimtFault.UnderWay);

    [Test]
    public void A_second_copy_to_the_target_of_a_copy_is_caught() => Caught(TargetCopiedTwice, SimtFault.UnderWay);

    [Test]
    public void A_write_to_the_source_of_a_copy_is_caught()
    {
        SimtFaultException fault = Caught(SourceWritten, SimtFault.UnderWay);
        Assert.That(fault.Message, Does.Contain("global memory is being read by a copy"));
    }

    [Test]
    public void A_write_to_the_source_by_another_lane_with_no_barrier_after_the_wait_is_caught() =>
        Caught(SourceWrittenByOther, SimtFault.Race);

    [Test]
    public void A_copy_to_what_another_lane_may_still_read_is_caught() => Caught(ReadThenCopied, SimtFault.Race);

    [Test]
    public void A_copy_from_a_misaligned_source_is_caught()
    {
        SimtFaultException fault = Caught(OddSource, SimtFault.Misaligned);
        Assert.That(fault.Message, Does.Contain("16 bytes at byte 4 of global memory"));
    }

    [Test]
    public void A_copy_to_a_misaligned_target_is_caught() => Caught(OddTarget, SimtFault.Misaligned);

    [Test]
    public void A_copy_past_the_end_of_its_source_is_caught() => Caught(PastTheEnd, SimtFault.OutOfRange);

    [Test]
    public void A_copy_that_nobody_waits_for_does_not_reach_the_next_group() =>
        Assert.DoesNotThrow(() => _machine.Launch<Arguments>(Forgotten, new(2, 1), _arguments));

    private unsafe float[] Run(Action<Arguments> kernel)
    {
        _machine.Launch(kernel, new LaunchShape(1, Lanes), _arguments);
        return new Span<float>((void*)_pointer, 256).ToArray();
    }

    private static byte[] Bytes(float[] values)
    {
        byte[] bytes = new byte[4 * values.Length];
        System.Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return bytes;
    }

    /// <summary>The fault must carry the kernel's file and line.</summary>
    private SimtFaultException Caught(Action<Arguments> kernel, SimtFault expected)
    {
        SimtFaultException fault = Assert.Throws<SimtFaultException>(() => Run(kernel))!;
        Assert.That(fault.Fault, Is.EqualTo(expected), fault.Message);
        string line = File.ReadLines(Path.Combine(Repository.Root, "Tests", "Kernels", "Simt", nameof(AsyncCopyTests) + ".cs"))
            .ElementAt(fault.Line - 1);
        Assert.That(line, Does.Contain("// here"), $"{fault.File}:{fault.Line}");
        Assert.That(fault.Hint, Is.Not.Null);
        return fault;
    }

    private static ArrayView<Words4> Shared() => SharedMemory.Allocate<Words4>(Lanes);

    /// <summary>Each lane copies its own sixteen bytes.</summary>
    private static void Copy(ArrayView<Words4> s, Arguments a)
    {
        AsyncCopy.Sixteen(s, Group.IdxX, a.X, Group.IdxX, 16);
        AsyncCopy.Commit();
    }

    private static void Reversed(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        Copy(s, a);
        AsyncCopy.WaitForAll();
        Words4 own = s[Group.IdxX];
        Group.Barrier();
        Words4 other = s[Lanes - 1 - Group.IdxX];
        a.X.Cast<Words4>()[16 + Group.IdxX] = other;
        if (own.X == other.X) a.X.Cast<Words4>()[16 + Group.IdxX] = default;
    }

    private static void Partial(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        if (Group.IdxX > 0) return;
        AsyncCopy.Sixteen(s, 3, a.X.SubView(0, 4 + (a.Bytes + 3) / 4), 1, a.Bytes);
        AsyncCopy.Commit();
        AsyncCopy.WaitForAll();
        a.X.Cast<Words4>()[16] = s[3];
    }

    private static void ByWords(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        if (Group.IdxX > 0) return;
        for (int i = 0; i < 4; i++) AsyncCopy.Four(s.Cast<uint>(), i, a.X, 3 + i, i % 2 == 0 ? 4 : 0);
        AsyncCopy.Commit();
        AsyncCopy.WaitForAll();
        a.X.Cast<Words4>()[16] = s[0];
    }

    private static void TwoGroups(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        if (Group.IdxX > 0) return;
        Words4 sum = default;
        AsyncCopy.Sixteen(s, 0, a.X, 1, 16);
        AsyncCopy.Commit();
        AsyncCopy.Sixteen(s, 1, a.X, 2, 16);
        AsyncCopy.Commit();
        AsyncCopy.WaitForAllButOne();
        sum.Y = s[0].X;
        AsyncCopy.Commit();
        AsyncCopy.Commit();
        AsyncCopy.WaitForAllButTwo();
        sum.Z = s[1].X;
        a.X.Cast<Words4>()[16] = sum;
    }

    private static void ReadTooEarly(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        Copy(s, a);
        Words4 early = s[Group.IdxX]; // here
        a.X.Cast<Words4>()[16 + Group.IdxX] = early;
    }

    private static void ReadByOther(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        if (Group.IdxX == 0) Copy(s, a);
        Group.Barrier();
        if (Group.IdxX == 1) a.X.Cast<Words4>()[16] = s[0]; // here
    }

    private static void NoBarrier(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        if (Group.IdxX == 0) Copy(s, a);
        if (Group.IdxX == 0) AsyncCopy.WaitForAll();
        if (Group.IdxX == 1) a.X.Cast<Words4>()[16] = s[0]; // here
    }

    private static void TooShortAWait(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        Copy(s, a);
        AsyncCopy.WaitForAllButOne();
        a.X.Cast<Words4>()[16 + Group.IdxX] = s[Group.IdxX]; // here
    }

    private static void Uncommitted(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        AsyncCopy.Sixteen(s, Group.IdxX, a.X, Group.IdxX, 16);
        AsyncCopy.WaitForAll();
        a.X.Cast<Words4>()[16 + Group.IdxX] = s[Group.IdxX]; // here
    }

    private static void TargetWritten(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        Copy(s, a);
        s[Group.IdxX] = default; // here
    }

    private static void TargetCopiedTwice(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        Copy(s, a);
        AsyncCopy.Sixteen(s, Group.IdxX, a.X, Group.IdxX + 1, 16); // here
    }

    private static void SourceWritten(Arguments a)
    {
        Copy(Shared(), a);
        a.X[4 * Group.IdxX + 3] = 1; // here
    }

    private static void SourceWrittenByOther(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        if (Group.IdxX == 0) Copy(s, a);
        Group.Barrier();
        if (Group.IdxX == 0) AsyncCopy.WaitForAll();
        if (Group.IdxX == 1) a.X[0] = 1; // here
    }

    private static void ReadThenCopied(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        s[Group.IdxX] = default;
        Group.Barrier();
        a.X.Cast<Words4>()[16 + Group.IdxX] = s[0];
        if (Group.IdxX == 1) AsyncCopy.Sixteen(s, 0, a.X, 0, 16); // here
    }

    private static void OddSource(Arguments a) => AsyncCopy.Sixteen(Shared(), Group.IdxX, a.X.SubView(1, 64), 0, 16); // here

    private static void OddTarget(Arguments a) =>
        AsyncCopy.Sixteen(Shared().Cast<float>().SubView(1, 8).Cast<Words4>(), 0, a.X, 0, 16); // here

    private static void PastTheEnd(Arguments a) => AsyncCopy.Sixteen(Shared(), 0, a.X.SubView(0, 7), 1, 16); // here

    /// <summary>The second group writes where the copy of the first one went.</summary>
    private static void Forgotten(Arguments a)
    {
        ArrayView<Words4> s = Shared();
        if (Grid.IdxX == 0) AsyncCopy.Sixteen(s, 0, a.X, 0, 16);
        else s[0] = default;
    }

    private struct Arguments
    {
        public ArrayView<float> X;
        public int Bytes;
    }
}
