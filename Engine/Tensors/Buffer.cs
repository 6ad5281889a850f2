namespace AutogradCore;

/// <summary>A piece of a backend's memory, rented from its <see cref="MemoryPool"/> and given back to it.</summary>
public sealed class Buffer
{
    internal Buffer(MemoryPool pool) => Pool = pool;

    /// <summary>The address: of host memory, or of a device's.</summary>
    public nint Pointer { get; internal set; }

    /// <summary>Bytes asked for by the present renter.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Bytes reserved, at least <see cref="Bytes"/>.</summary>
    public long Capacity { get; internal set; }

    /// <summary>The pool that lent it.</summary>
    public MemoryPool Pool { get; }

    internal bool Rented { get; set; }

    /// <summary>Where it was cut from; null for memory of its own.</summary>
    internal Chunks.Chunk? Chunk { get; set; }

    /// <summary>Gives the buffer back to its pool.</summary>
    /// <exception cref="InvalidOperationException">It was given back before.</exception>
    public void Return() => Pool.Return(this);
}
