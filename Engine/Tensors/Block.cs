namespace AutogradCore;

/// <summary>A piece of memory that a pool lends again and again; each time under another lease.</summary>
internal sealed class Block(MemoryPool pool)
{
    /// <summary>The address: of host memory, or of a device's.</summary>
    public nint Pointer { get; set; }

    /// <summary>Bytes asked for by the present renter.</summary>
    public long Bytes { get; set; }

    /// <summary>Bytes reserved, at least <see cref="Bytes"/>.</summary>
    public long Capacity { get; set; }

    /// <summary>The pool that lends it.</summary>
    public MemoryPool Pool => pool;

    /// <summary>Grows when it is given back: what was lent before is then no longer valid.</summary>
    public int Lease { get; set; }

    /// <summary>Where it was cut from; null for memory of its own.</summary>
    public Chunks.Chunk? Chunk { get; set; }
}
