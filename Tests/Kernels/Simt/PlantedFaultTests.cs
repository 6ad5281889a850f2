extern alias simt;

using NUnit.Framework;
using simt::AutogradCore.Kernels.Ilgpu;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Kernels.Simt;

/// <summary>One kernel per fault that a GPU would not have noticed, each caught with its place.</summary>
public sealed class PlantedFaultTests
{
    private const int Lanes = 16;
    private SimtMachine _machine = null!;
    private nint _pointer;
    private Arguments _arguments;

    [SetUp]
    public void Open()
    {
        _machine = new(new SimtOptions { WarpSize = 8 });
        _pointer = _machine.Allocate(256 * sizeof(float));
        _arguments = new() { X = _machine.View<float>(_pointer, 0, 256) };
    }

    [TearDown]
    public void Close()
    {
        _machine.Free(_pointer);
        _machine.Dispose();
    }

    [Test]
    public void An_index_past_the_end_is_caught()
    {
        SimtFaultException fault = Caught(PastTheEnd, SimtFault.OutOfRange);
        Assert.That((fault.Group, fault.Lane), Is.EqualTo((15, 15)));
        Assert.That(fault.Message, Does.Contain("index 256 of a view of 256 Single"));
    }

    [Test]
    public void A_negative_index_is_caught() => Caught(Negative, SimtFault.OutOfRange);

    [Test]
    public void A_read_of_shared_memory_that_nobody_wrote_is_caught()
    {
        SimtFaultException fault = Caught(UnwrittenShared, SimtFault.Uninitialized);
        Assert.That((fault.Group, fault.Lane), Is.EqualTo((0, 0)));
    }

    [Test]
    public void A_read_of_shared_memory_that_only_an_earlier_group_wrote_is_caught()
    {
        SimtFaultException fault = Caught(WrittenByGroupZero, SimtFault.Uninitialized);
        Assert.That(fault.Group, Is.EqualTo(1));
    }

    [Test]
    public void A_read_of_local_memory_that_nobody_wrote_is_caught() => Caught(UnwrittenLocal, SimtFault.Uninitialized);

    [Test]
    public void A_missing_barrier_between_write_and_read_is_caught()
    {
        SimtFaultException fault = Caught(MissingBarrier, SimtFault.Race);
        Assert.That(fault.Message, Does.Contain("also touched by group 0, lane"));
    }

    [Test]
    public void A_read_before_another_lanes_write_is_caught() => Caught(ReadThenWrite, SimtFault.Race);

    [Test]
    public void Two_groups_that_write_one_element_are_caught()
    {
        SimtFaultException fault = Caught(GroupsOverlap, SimtFault.Race);
        Assert.That(fault.Message, Does.Contain("global memory").And.Contain("group 0, lane 0"));
    }

    [Test]
    public void A_group_that_reads_what_another_writes_is_caught() => Caught(GroupsMeet, SimtFault.Race);

    [Test]
    public void A_barrier_that_half_of_the_lanes_skip_is_caught()
    {
        SimtFaultException fault = Caught(HalfABarrier, SimtFault.Divergence);
        Assert.That(fault.Message, Does.Contain("lanes 0..7 at the barrier").And.Contain("lanes 8..15 finished"));
    }

    [Test]
    public void Two_barriers_in_two_branches_are_caught() => Caught(TwoBarriers, SimtFault.Divergence);

    [Test]
    public void A_shuffle_that_some_lanes_of_a_warp_skip_is_caught() => Caught(HalfAShuffle, SimtFault.Divergence);

    [Test]
    public void A_view_that_starts_within_an_element_of_the_type_it_is_cast_to_is_caught()
    {
        SimtFaultException fault = Caught(OddWide, SimtFault.Misaligned);
        Assert.That(fault.Message, Does.Contain("16 bytes at byte 4 of global memory"));
    }

    [Test]
    public void Elements_of_more_than_16_bytes_start_at_multiples_of_their_size_too()
    {
        SimtFaultException fault = Caught(HalfWayIn, SimtFault.Misaligned);
        Assert.That(fault.Message, Does.Contain("32 bytes at byte 16 of global memory"));
    }

    [Test]
    public unsafe void Atomics_do_not_race_with_each_other()
    {
        *(int*)_pointer = 0;
        _machine.Launch<Arguments>(Counted, new(4, Lanes), _arguments);
        Assert.That(Read<int>(0), Is.EqualTo(4 * Lanes));
    }

    [Test]
    public void An_atomic_races_with_a_plain_write() => Caught(AtomicAndPlain, SimtFault.Race);

    [Test]
    public unsafe void After_a_fault_the_machine_goes_on()
    {
        *(int*)_pointer = 0;
        for (int i = 0; i < 20; i++) Caught(HalfABarrier, SimtFault.Divergence);
        _machine.Launch<Arguments>(Counted, new(1, Lanes), _arguments);
        Assert.That(Read<int>(0), Is.EqualTo(Lanes));
    }

    /// <summary>Runs a kernel on sixteen groups; the fault must carry the kernel's file and line.</summary>
    private SimtFaultException Caught(Action<Arguments> kernel, SimtFault expected)
    {
        SimtFaultException fault = Assert.Throws<SimtFaultException>(
            () => _machine.Launch(kernel, new LaunchShape(16, Lanes), _arguments))!;
        Assert.That(fault.Fault, Is.EqualTo(expected), fault.Message);
        Assert.That(fault.Kernel, Is.EqualTo(nameof(PlantedFaultTests)));
        string line = File.ReadLines(Source).ElementAt(fault.Line - 1);
        Assert.That(line, Does.Contain("// here"), $"{fault.File}:{fault.Line}");
        Assert.That(fault.Hint, Is.Not.Null);
        return fault;
    }

    private static string Source =>
        Path.Combine(Repository.Root, "Tests", "Kernels", "Simt", nameof(PlantedFaultTests) + ".cs");

    private unsafe T Read<T>(int index) where T : unmanaged => ((T*)_pointer)[index];

    private static void PastTheEnd(Arguments a) =>
        a.X[Grid.IdxX * Lanes + Group.IdxX + 1] = 1; // here

    private static void Negative(Arguments a)
    {
        float x = a.X[-1]; // here
        a.X[0] = x;
    }

    private static void UnwrittenShared(Arguments a)
    {
        ArrayView<float> s = SharedMemory.Allocate<float>(Lanes);
        a.X[Grid.IdxX * Lanes + Group.IdxX] = s[3]; // here
    }

    private static void WrittenByGroupZero(Arguments a)
    {
        ArrayView<float> s = SharedMemory.Allocate<float>(Lanes);
        int lane = Group.IdxX;
        if (Grid.IdxX == 0) s[lane] = lane;
        Group.Barrier();
        a.X[Grid.IdxX * Lanes + lane] = s[lane]; // here
    }

    private static void UnwrittenLocal(Arguments a)
    {
        ArrayView<float> mine = LocalMemory.Allocate<float>(4);
        mine[0] = 1;
        a.X[Grid.IdxX * Lanes + Group.IdxX] = mine[1]; // here
    }

    private static void MissingBarrier(Arguments a)
    {
        ArrayView<float> s = SharedMemory.Allocate<float>(Lanes);
        int lane = Group.IdxX;
        s[lane] = lane;
        if (lane > 0) a.X[Grid.IdxX * Lanes + lane] = s[lane - 1]; // here
    }

    private static void ReadThenWrite(Arguments a)
    {
        ArrayView<float> s = SharedMemory.Allocate<float>(Lanes);
        int lane = Group.IdxX;
        s[lane] = lane;
        Group.Barrier();
        float x = s[(lane + 1) % Lanes]; // here: the last lane reads what lane 0 has written
        s[lane] = x; // here
    }

    private static void GroupsOverlap(Arguments a) => a.X[Group.IdxX] = 1; // here

    private static void GroupsMeet(Arguments a)
    {
        int lane = Group.IdxX;
        a.X[Grid.IdxX * Lanes + lane] = 1; // here
        if (Grid.IdxX == 1 && lane == 0) a.X[1] = a.X[0]; // here
    }

    private static void HalfABarrier(Arguments a)
    {
        if (Group.IdxX < 8)
            Group.Barrier(); // here
    }

    private static void TwoBarriers(Arguments a)
    {
        if (Group.IdxX % 2 == 0)
            Group.Barrier(); // here
        else
            Group.Barrier(); // here
    }

    private static void HalfAShuffle(Arguments a)
    {
        if (Warp.LaneIdx < 4)
            Warp.ShuffleXor(1f, 1); // here
    }

    private static void OddWide(Arguments a)
    {
        ArrayView<Four> wide = a.X.SubView(1, 4).Cast<Four>(); // here
        a.X[Grid.IdxX] = wide[0].A;
    }

    private static void HalfWayIn(Arguments a)
    {
        ArrayView<Eight> wide = a.X.SubView(4, 8).Cast<Eight>(); // here
        a.X[Grid.IdxX] = wide[0].Low.A;
    }

    private static void Counted(Arguments a)
    {
        ArrayView<int> count = a.X.Cast<int>();
        Atomic.Add(ref count[new Index1D(0)], 1);
    }

    private static void AtomicAndPlain(Arguments a)
    {
        ArrayView<int> count = a.X.Cast<int>();
        if (Group.IdxX == 0) Atomic.Add(ref count[new Index1D(0)], 1); // here
        else count[0] = 7; // here
    }

    private struct Arguments
    {
        public ArrayView<float> X;
    }

    private readonly record struct Four(float A, float B, float C, float D);

    private readonly record struct Eight(Four Low, Four High);
}
