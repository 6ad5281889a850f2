using System.Runtime.CompilerServices;

namespace AutogradCore.Kernels.Simt;

/// <summary>Where a piece of emulated memory lives.</summary>
internal enum Space
{
    Global,
    Shared,
    Local,
}

/// <summary>A piece of emulated memory with a shadow that knows who touched what, and reports faults.</summary>
internal sealed unsafe class SimtMemory(nint pointer, long bytes, Space space, int granule)
{
    private readonly Lock _gate = new();
    private ShadowCell[]? _shadow;

    public nint Pointer => pointer;

    public long Bytes => bytes;

    /// <summary>The element at a byte offset, after every check.</summary>
    public ref T At<T>(Lane lane, long offset, AccessKind kind, Site site) where T : unmanaged
    {
        if ((pointer + offset) % AlignmentOf<T>() != 0)
            throw lane.Fault(SimtFault.Misaligned, site,
                $"{sizeof(T)} bytes at byte {offset} of {Name} memory, which is not a multiple of {AlignmentOf<T>()}.",
                "vector accesses must start at a multiple of their own size");
        if (lane.Group.Machine.Options.ChecksAccesses && sizeof(T) >= granule) Note(lane, offset, sizeof(T), kind, site);
        return ref Unsafe.AsRef<T>((void*)(pointer + offset));
    }

    /// <summary>Forgets all accesses: the next group finds the memory as new.</summary>
    public void Forget() => _shadow?.AsSpan().Clear();

    private string Name => space.ToString().ToLowerInvariant();

    private static int AlignmentOf<T>() where T : unmanaged => sizeof(T) is 2 or 4 or 8 or 16 ? sizeof(T) : 1;

    private void Note(Lane lane, long offset, int size, AccessKind kind, Site site)
    {
        ShadowCell.Access by = new()
        {
            Launch = lane.Group.Launch,
            Group = lane.Group.Index,
            Epoch = lane.Group.Epoch,
            Lane = lane.Index,
            Line = site.Line,
            IsAtomic = kind == AccessKind.Atomic,
        };
        Span<ShadowCell> shadow = Shadow();
        for (long cell = offset / granule; cell <= (offset + size - 1) / granule; cell++)
        {
            ref ShadowCell at = ref shadow[(int)cell];
            if (space != Space.Global && kind != AccessKind.Write && !at.IsWritten)
                throw lane.Fault(SimtFault.Uninitialized, site,
                    $"byte {cell * granule} of {Name} memory was read before any lane wrote it.",
                    "write it first, and put Group.Barrier() between another lane's write and this read");
            ShadowCell.Access? conflict = kind == AccessKind.Read ? at.Read(by) : at.Write(by);
            if (conflict is { } other)
                throw lane.Fault(SimtFault.Race, site,
                    $"byte {cell * granule} of {Name} memory is also touched by {Who(other)} at line {other.Line}, "
                    + "with nothing between to order the two.",
                    space == Space.Shared ? "put Group.Barrier() between them" : "give each element to one lane of the grid");
        }
    }

    private Span<ShadowCell> Shadow()
    {
        if (_shadow is not null) return _shadow;
        lock (_gate) return _shadow ??= new ShadowCell[(bytes + granule - 1) / granule];
    }

    private static string Who(in ShadowCell.Access other) =>
        $"{(other.Group < 0 ? "several groups" : $"group {other.Group}")}, "
        + $"{(other.Lane < 0 ? "several lanes" : $"lane {other.Lane}")}";
}

/// <summary>How memory is touched.</summary>
internal enum AccessKind
{
    Read,
    Write,
    Atomic,
}
