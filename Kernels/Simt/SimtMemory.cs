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
    private CopyCell[]? _copies;

    public nint Pointer => pointer;

    public long Bytes => bytes;

    /// <summary>Which memory it is, in words.</summary>
    public string Name => space.ToString().ToLowerInvariant();

    /// <summary>The element at a byte offset, after every check.</summary>
    public ref T At<T>(Lane lane, long offset, AccessKind kind, Site site) where T : unmanaged
    {
        if (lane.Group.Machine.Options.ChecksAccesses && sizeof(T) >= granule) Note(lane, offset, sizeof(T), kind, site);
        return ref Unsafe.AsRef<T>((void*)(pointer + offset));
    }

    /// <summary>Bytes, unchecked.</summary>
    public Span<byte> Span(long offset, int length) => new((void*)(pointer + offset), length);

    /// <summary>Refuses an access of so many bytes that starts at no multiple of them.</summary>
    public void RequireAligned(Lane lane, long offset, int size, in Site site)
    {
        if ((pointer + offset) % size != 0)
            throw lane.Fault(SimtFault.Misaligned, site,
                $"{size} bytes at byte {offset} of {Name} memory, which is not a multiple of {size}.",
                "vector accesses must start at a multiple of their own size");
    }

    /// <summary>A copy begins that reads or writes here.</summary>
    public void BeginCopy(Lane lane, long offset, int size, AccessKind kind, Site site)
    {
        if (!lane.Group.Machine.Options.ChecksAccesses) return;
        Note(lane, offset, size, kind, site);
        ShadowCell.Access by = By(lane, kind, site);
        foreach (ref CopyCell cell in Cells(ref _copies, offset, size)) cell.Begin(by, kind);
    }

    /// <summary>The copy has ended; its accesses count as made now.</summary>
    public void EndCopy(Lane lane, long offset, int size, AccessKind kind, Site site)
    {
        if (!lane.Group.Machine.Options.ChecksAccesses) return;
        foreach (ref CopyCell cell in Cells(ref _copies, offset, size)) cell.End(kind);
        Note(lane, offset, size, kind, site);
    }

    /// <summary>Forgets all accesses: the next group finds the memory as new.</summary>
    public void Forget() => _shadow?.AsSpan().Clear();

    private void Note(Lane lane, long offset, int size, AccessKind kind, Site site)
    {
        ShadowCell.Access by = By(lane, kind, site);
        if (_copies is not null) RequireArrived(lane, by, offset, size, kind, site);
        long cell = offset / granule;
        foreach (ref ShadowCell at in Cells(ref _shadow, offset, size))
        {
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
            cell++;
        }
    }

    private void RequireArrived(Lane lane, in ShadowCell.Access by, long offset, int size, AccessKind kind, in Site site)
    {
        foreach (ref CopyCell cell in Cells(ref _copies, offset, size))
            if (cell.Refuses(by, kind) is { } done)
                throw lane.Fault(SimtFault.UnderWay, site,
                    $"byte {offset} of {Name} memory is being {done} by a copy that lane {cell.Lane} started at line {cell.Line} "
                    + "and has not waited for.",
                    "commit the copy, wait for its group, and let other lanes meet a barrier after that");
    }

    private static ShadowCell.Access By(Lane lane, AccessKind kind, in Site site) => new()
    {
        Launch = lane.Group.Launch,
        Group = lane.Group.Index,
        Epoch = lane.Group.Epoch,
        Lane = lane.Index,
        Line = site.Line,
        IsAtomic = kind == AccessKind.Atomic,
    };

    /// <summary>What is known of some bytes.</summary>
    private Span<TCell> Cells<TCell>(ref TCell[]? cells, long offset, int size)
    {
        if (cells is null)
            lock (_gate) cells ??= new TCell[(bytes + granule - 1) / granule];
        long first = offset / granule;
        return cells.AsSpan((int)first, (int)((offset + size - 1) / granule - first) + 1);
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
