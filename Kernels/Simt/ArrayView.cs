using System.Runtime.CompilerServices;

namespace AutogradCore.Kernels.Simt;

/// <summary>A window onto memory that kernels read and write, checked at every access.</summary>
/// <typeparam name="T">The element type.</typeparam>
public readonly unsafe struct ArrayView<T> where T : unmanaged
{
    private readonly SimtMemory? _memory;
    private readonly long _start;

    internal ArrayView(SimtMemory memory, long start, long length) => (_memory, _start, Length) = (memory, start, length);

    /// <summary>How many elements there are.</summary>
    public long Length { get; }

    /// <summary><see cref="Length"/> as an int.</summary>
    public int IntLength => checked((int)Length);

    /// <summary>Whether there is memory behind the view.</summary>
    public bool IsValid => _memory is not null;

    /// <summary>The element at a position.</summary>
    /// <exception cref="SimtFaultException">The access is one that a GPU would not have noticed.</exception>
    public T this[int index, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0]
    {
        get => At(index, AccessKind.Read, new(file, line));
        set => At(index, AccessKind.Write, new(file, line)) = value;
    }

    /// <inheritdoc cref="this[int, string, int]"/>
    public T this[long index, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0]
    {
        get => At(index, AccessKind.Read, new(file, line));
        set => At(index, AccessKind.Write, new(file, line)) = value;
    }

    /// <summary>A reference for atomics.</summary>
    public ref T this[Index1D index, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0] =>
        ref At(index.X, AccessKind.Atomic, new(file, line));

    /// <summary>The elements from <paramref name="offset"/> on, <paramref name="length"/> of them.</summary>
    public ArrayView<T> SubView(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset + length > Length)
            throw new ArgumentOutOfRangeException(nameof(offset), $"{offset} + {length} elements of a view of {Length}.");
        return _memory is null ? default : new(_memory, _start + offset * sizeof(T), length);
    }

    /// <summary>All elements from <paramref name="offset"/> on.</summary>
    public ArrayView<T> SubView(long offset) => SubView(offset, Length - offset);

    /// <summary>The same bytes as elements of another type.</summary>
    /// <remarks>A GPU refuses wide accesses at no multiple of their size. ILGPU's simulator counts from the start of the
    /// memory in whole new elements, so that a view that starts within one would move. Either is a fault here, even if
    /// nothing is read.</remarks>
    /// <exception cref="SimtFaultException">The view starts at no whole number of the new elements.</exception>
    public ArrayView<TOther> Cast<TOther>([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where TOther : unmanaged
    {
        if (_memory is null) return default;
        if (_start % sizeof(TOther) != 0)
            throw Lane.Current.Fault(SimtFault.Misaligned, new(file, line),
                $"{sizeof(TOther)} bytes at byte {_start} of {_memory.Name} memory, which is not a multiple of that.",
                "take the elements one by one where a view is not aligned");
        return new(_memory, _start, Length * sizeof(T) / sizeof(TOther));
    }

    /// <summary>Bytes of the view as a copy touches them, <paramref name="count"/> of a run that starts at a multiple of
    /// <paramref name="alignment"/>.</summary>
    internal Place Bytes(long offset, int count, int alignment, in Site site)
    {
        if (_memory is null || offset < 0 || offset + count > Length * sizeof(T))
            throw Lane.Current.Fault(SimtFault.OutOfRange, site,
                $"bytes {offset} to {offset + count} of a view of {Length * sizeof(T)}.", "copy only the bytes that are inside");
        _memory.RequireAligned(Lane.Current, _start + offset, alignment, site);
        return new(_memory, _start + offset);
    }

    /// <summary>The checked element.</summary>
    private ref T At(long index, AccessKind kind, Site site)
    {
        Lane lane = Lane.Current;
        if (_memory is null || (ulong)index >= (ulong)Length)
            throw lane.Fault(SimtFault.OutOfRange, site, $"index {index} of a view of {Length} {typeof(T).Name}.",
                "check the guard that keeps the last, partly filled group inside");
        return ref _memory.At<T>(lane, _start + index * sizeof(T), kind, site);
    }
}
