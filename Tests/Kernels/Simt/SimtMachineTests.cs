extern alias simt;

using AutogradCore.Kernels;
using NUnit.Framework;
using simt::AutogradCore.Kernels.Simt;

namespace AutogradCore.Tests.Kernels.Simt;

/// <summary>Kernels as a GPU runs them: barriers, shuffles, shared memory, grids.</summary>
public sealed class SimtMachineTests
{
    private readonly List<nint> _pointers = [];
    private SimtMachine _machine = null!;

    [SetUp]
    public void Open() => _machine = new();

    [TearDown]
    public void Close()
    {
        _pointers.ForEach(_machine.Free);
        _pointers.Clear();
        _machine.Dispose();
    }

    [Test]
    public void A_group_reverses_through_shared_memory([Values(1, 5, 8, 64, 300)] int group)
    {
        ArrayView<int> x = New(Enumerable.Range(0, 3 * group).ToArray(), out nint pointer);
        _machine.Launch<One>(Reverse, new(3, group, SharedBytes: group * sizeof(int)), new() { X = x });
        int[] expected = [.. Enumerable.Range(0, 3).SelectMany(g => Enumerable.Range(g * group, group).Reverse())];
        Assert.That(Read(pointer, 3 * group), Is.EqualTo(expected));
    }

    [Test]
    public void Shuffles_exchange_within_a_warp_and_nowhere_else()
    {
        const int lanes = 20; // two warps and a half
        ArrayView<int> x = New(Enumerable.Range(0, lanes).ToArray(), out nint pointer);
        _machine.Launch<One>(ShiftDown, new(1, lanes), new() { X = x });
        int[] expected = [.. Enumerable.Range(0, lanes).Select(i => i % 8 < 5 && i + 3 < lanes ? i + 3 : i)];
        Assert.That(Read(pointer, lanes), Is.EqualTo(expected));
    }

    [Test]
    public void Many_exchanges_in_a_row_keep_their_values_apart()
    {
        ArrayView<int> x = New([.. Enumerable.Repeat(1, 32)], out nint pointer);
        _machine.Launch<One>(Butterflies, new(1, 32), new() { X = x });
        Assert.That(Read(pointer, 32), Is.All.EqualTo(8 * 8 * 8)); // three sums over a warp of eight
    }

    [Test]
    public void Every_lane_of_a_three_dimensional_grid_runs_once()
    {
        ArrayView<int> x = New(new int[2 * 3 * 4 * 5], out nint pointer);
        _machine.Launch<One>(Number, new(2, 5, 3, 4), new() { X = x });
        Assert.That(Read(pointer, 120), Is.EqualTo(Enumerable.Range(1, 120)));
    }

    [Test]
    public void Warps_run_in_order_and_in_a_drawn_order_when_asked()
    {
        int[] first = Order(null), second = Order(null), drawn = Order(7), again = Order(7), other = Order(8);
        Assert.That(first, Is.EqualTo(Enumerable.Range(0, 64)));
        Assert.That(second, Is.EqualTo(first));
        Assert.That(drawn, Is.Not.EqualTo(first).And.EquivalentTo(first));
        Assert.That(again, Is.EqualTo(drawn));
        Assert.That(other, Is.Not.EqualTo(drawn));
    }

    [Test]
    public void A_lane_that_throws_ends_the_launch_with_the_kernels_name_and_shape()
    {
        KernelException error = Assert.Throws<KernelException>(
            () => _machine.Launch<One>(Unlucky, new(2, 16), new() { X = New([0], out _) }))!;
        Assert.That(error.Message, Does.StartWith("no luck").And.Contain(nameof(SimtMachineTests))
            .And.Contain("2x1x1 groups of 16").And.Contain("lane 3"));
        Assert.That(error.InnerException, Is.TypeOf<InvalidOperationException>());
    }

    [Test]
    public void A_launch_that_does_not_fit_is_refused()
    {
        One arguments = new() { X = New([0], out _) };
        Assert.Throws<KernelException>(() => _machine.Launch<One>(Reverse, new(1, 2048), arguments));
        Assert.Throws<KernelException>(() => _machine.Launch<One>(Reverse, new(1, 0), arguments));
        Assert.Throws<KernelException>(() => _machine.Launch<One>(Reverse, new(1, 8, SharedBytes: 1 << 20), arguments));
    }

    [Test]
    public void Too_much_fixed_shared_memory_is_refused() =>
        Assert.That(() => _machine.Launch<One>(Greedy, new(1, 8), new() { X = New([0], out _) }),
            Throws.TypeOf<SimtFaultException>().With.Message.Contains("bytes of fixed shared memory"));

    [Test]
    public void Launches_may_ask_for_more_shared_memory_than_kernels_may_fix()
    {
        const int lanes = 8;
        int bytes = _machine.Options.OptInSharedBytes;
        Assert.That(bytes, Is.GreaterThan(_machine.Options.MaxSharedBytes));
        ArrayView<int> x = New(Enumerable.Range(0, lanes).ToArray(), out nint pointer);
        _machine.Launch<One>(Far, new(1, lanes, SharedBytes: bytes), new() { X = x });
        Assert.That(Read(pointer, lanes), Is.EqualTo(Enumerable.Range(0, lanes).Reverse()));
    }

    [Test]
    public void More_shared_memory_than_the_machine_has_is_refused_with_kernel_shape_and_limit()
    {
        using SimtMachine small = new(new SimtOptions { OptInSharedBytes = 50000 });
        KernelException error = Assert.Throws<KernelException>(
            () => small.Launch<One>(Far, new(1, 8, SharedBytes: 50004), default))!;
        Assert.That(error.Message, Does.StartWith($"Kernel {nameof(SimtMachineTests)} cannot be launched as 1x1x1 groups of 8 "
            + "with 50004 shared bytes").And.Contain("50004 bytes of shared memory, and the device has 50000"));
        Assert.That(() => small.Launch<One>(Far, new(1, 8, SharedBytes: 50000), default),
            Throws.TypeOf<SimtFaultException>(), "launched; the kernel then misses its operand");
    }

    [Test]
    public void Fixed_and_dynamic_shared_memory_count_together() => Assert.That(
        () => _machine.Launch<One>(
            Both, new(1, 8, SharedBytes: _machine.Options.OptInSharedBytes), new() { X = New([0], out _) }),
        Throws.TypeOf<SimtFaultException>().With.Message.Contains("32 of them fixed"));

    private int[] Order(ulong? seed)
    {
        using SimtMachine machine = new(new SimtOptions { WarpOrderSeed = seed });
        nint pointer = machine.Allocate(65 * sizeof(int));
        Write(pointer, new int[65]);
        machine.Launch<One>(Queue, new(1, 64), new() { X = machine.View<int>(pointer, 0, 65) });
        int[] order = Read(pointer, 65)[1..];
        machine.Free(pointer);
        return order;
    }

    private ArrayView<int> New(int[] values, out nint pointer)
    {
        pointer = _machine.Allocate(values.Length * sizeof(int));
        _pointers.Add(pointer);
        Write(pointer, values);
        return _machine.View<int>(pointer, 0, values.Length);
    }

    private static unsafe void Write(nint pointer, int[] values) => values.CopyTo(new Span<int>((void*)pointer, values.Length));

    private static unsafe int[] Read(nint pointer, int count) => new Span<int>((void*)pointer, count).ToArray();

    private static void Reverse(One a)
    {
        ArrayView<int> s = SharedMemory.GetDynamic<int>();
        int lane = Group.IdxX, i = Grid.IdxX * Group.DimX + lane;
        s[lane] = a.X[i];
        Group.Barrier();
        a.X[i] = s[Group.DimX - 1 - lane];
    }

    private static void ShiftDown(One a) => a.X[Group.IdxX] = Warp.ShuffleDown(a.X[Group.IdxX], 3);

    private static void Butterflies(One a)
    {
        int sum = a.X[Group.IdxX];
        for (int round = 0; round < 3; round++)
            for (int mask = Warp.WarpSize / 2; mask > 0; mask /= 2)
                sum += Warp.ShuffleXor(sum, mask);
        a.X[Group.IdxX] = sum;
    }

    private static void Number(One a)
    {
        int group = Grid.IdxX + Grid.DimX * (Grid.IdxY + Grid.DimY * Grid.IdxZ), i = group * Group.DimX + Group.IdxX;
        a.X[i] = a.X[i] + i + 1;
    }

    private static void Queue(One a) => a.X[Atomic.Add(ref a.X[new Index1D(0)], 1) + 1] = Group.IdxX;

    private static void Unlucky(One a)
    {
        if (Group.IdxX == 3) throw new InvalidOperationException("no luck");
        Group.Barrier();
    }

    private static void Greedy(One a)
    {
        ArrayView<double> s = SharedMemory.Allocate<double>(1 << 16);
        s[Group.IdxX] = a.X[0];
    }

    /// <summary>Reverses through the last bytes of shared memory.</summary>
    private static void Far(One a)
    {
        ArrayView<int> s = SharedMemory.GetDynamic<int>();
        int lane = Group.IdxX, end = s.IntLength - Group.DimX;
        s[end + lane] = a.X[lane];
        Group.Barrier();
        a.X[lane] = s[end + Group.DimX - 1 - lane];
    }

    private static void Both(One a)
    {
        ArrayView<int> s = SharedMemory.Allocate<int>(8);
        s[Group.IdxX] = a.X[0];
    }

    private struct One
    {
        public ArrayView<int> X;
    }
}
