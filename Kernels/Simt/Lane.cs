using System.Runtime.CompilerServices;

namespace AutogradCore.Kernels.Simt;

/// <summary>One lane of a group: where it stands, and what it owns.</summary>
internal sealed unsafe class Lane(LaneGroup group, int index)
{
    private const int SlotBytes = 32;

    [ThreadStatic]
    private static Lane? _current;

    private readonly byte[] _slots = new byte[2 * SlotBytes];
    private CopyQueue? _copies;
    private int _allocations, _exchanges;

    /// <summary>The lane that runs on this thread.</summary>
    /// <exception cref="InvalidOperationException">No kernel runs here.</exception>
    public static Lane Current
    {
        get => _current
            ?? throw new InvalidOperationException("Views, groups and warps of the emulator exist only inside a kernel.");
        set => _current = value;
    }

    public LaneGroup Group => group;

    public int Index => index;

    public int Warp => index / group.Machine.Options.WarpSize;

    /// <summary>The place in the order in which lanes run.</summary>
    public int Position { get; set; }

    public LaneState State { get; set; }

    /// <summary>What the lane waits at, and where.</summary>
    public (Meeting Meeting, Site Site) At { get; set; }

    /// <summary>The thread whose stack the lane occupies since it began.</summary>
    public LaneThread? Thread { get; set; }

    /// <summary>The copies that the lane has started.</summary>
    public CopyQueue Copies => _copies ??= new(this);

    /// <summary>Ready for another group.</summary>
    public void Reset()
    {
        (State, Thread, _allocations, _exchanges) = (LaneState.Fresh, null, 0, 0);
        _copies?.Clear();
    }

    public SimtFaultException Fault(SimtFault fault, in Site site, string what, string hint) =>
        new(fault, group.Kernel, this, site, what, hint);

    public ArrayView<T> Shared<T>(int length) where T : unmanaged => group.Memory.Shared<T>(this, _allocations++, length);

    public ArrayView<T> Local<T>(int length) where T : unmanaged => group.Memory.Local<T>(length);

    /// <summary>Gives a value to the warp and takes another lane's; the own one where the other is outside the warp.</summary>
    /// <remarks>Two slots in turn: nobody can be two exchanges ahead of a lane that has not read yet.</remarks>
    public T Exchange<T>(T value, int source, in Site site) where T : unmanaged
    {
        int slot = Show(value, site), size = group.Machine.Options.WarpSize, other = Warp * size + source;
        return (uint)source >= (uint)size || other >= group.Size ? value : Shown<T>(slot, source);
    }

    /// <summary>Lays a value open to the warp.</summary>
    /// <returns>Where to read the others' with <see cref="Shown"/>, until the next but one exchange.</returns>
    public int Show<T>(T value, in Site site) where T : unmanaged
    {
        if (sizeof(T) > SlotBytes) throw new NotSupportedException($"{typeof(T).Name} has more than {SlotBytes} bytes.");
        int slot = (_exchanges++ & 1) * SlotBytes;
        Unsafe.WriteUnaligned(ref _slots[slot], value);
        group.Meet(this, Meeting.Shuffle, site);
        return slot;
    }

    /// <summary>What lane <paramref name="source"/> of the warp has shown.</summary>
    public T Shown<T>(int slot, int source) where T : unmanaged =>
        Unsafe.ReadUnaligned<T>(ref group.Lanes[Warp * group.Machine.Options.WarpSize + source]._slots[slot]);
}
