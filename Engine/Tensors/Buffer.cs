namespace AutogradCore;

/// <summary>A lease on a piece of a backend's memory: rented from its <see cref="MemoryPool"/> and given back to it.</summary>
/// <remarks>Whoever uses it after that, by whatever copy or view, gets an error and never the next renter's memory. Only an
/// address or a span taken from it before is not checked any more.</remarks>
public readonly record struct Buffer
{
    private readonly Block? _block;
    private readonly int _lease;
    private readonly bool _mayReturn;

    internal Buffer(Block block) => (_block, _lease, _mayReturn) = (block, block.Lease, true);

    private Buffer(Block? block, int lease) => (_block, _lease) = (block, lease);

    /// <summary>Whether there is memory at all: false for <c>default</c>.</summary>
    public bool Exists => _block is not null;

    /// <summary>Whether it has not been given back.</summary>
    public bool IsLent => _block is { } block && block.Lease == _lease;

    /// <summary>The address: of host memory, or of a device's.</summary>
    /// <exception cref="MemoryException">It was given back.</exception>
    public nint Pointer => Lent.Pointer;

    /// <summary>Bytes asked for.</summary>
    /// <exception cref="MemoryException">It was given back.</exception>
    public long Bytes => Lent.Bytes;

    /// <summary>Bytes reserved, at least <see cref="Bytes"/>.</summary>
    /// <exception cref="MemoryException">It was given back.</exception>
    public long Capacity => Lent.Capacity;

    /// <summary>The pool that lent it.</summary>
    /// <exception cref="MemoryException">It is no memory.</exception>
    public MemoryPool Pool => (_block ?? throw Absent()).Pool;

    /// <summary>Gives it back to its pool: for whoever rented it.</summary>
    /// <exception cref="MemoryException">It was given back before, or it comes from a view.</exception>
    public void Return()
    {
        if (Exists && !_mayReturn)
            throw new MemoryException("The memory of a view was given back by somebody who did not rent it.",
                "dispose the tensor or graph that owns it, or return the buffer that Rent gave");
        Pool.Return(this);
    }

    /// <summary>Address and bytes, or that it was given back.</summary>
    public override string ToString() => IsLent ? $"{Bytes:N0} bytes at {Pointer:x}" : Exists ? "memory given back" : "no memory";

    /// <summary>The same memory, without the right to give it back.</summary>
    internal Buffer Shared => new(_block, _lease);

    /// <summary>The memory underneath.</summary>
    internal Block Lent
    {
        get
        {
            if (_block is not { } block) throw Absent();
            return block.Lease == _lease ? block : throw new MemoryException("Memory was used after it was given back.",
                "keep the tensor or graph that owns it alive, and take its View anew in each step");
        }
    }

    private static MemoryException Absent() => new("An absent view or buffer has no memory.");
}
