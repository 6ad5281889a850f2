namespace AutogradCore.Kernels.Host;

/// <summary>Native working memory that a part of a job borrows; it grows to the largest use and is then reused.</summary>
internal sealed unsafe class Scratch : IDisposable
{
    private readonly nint[] _blocks = new nint[Slots];
    private readonly long[] _bytes = new long[Slots];

    /// <summary>Separate blocks a scratch offers, so that nested kernels do not step on each other.</summary>
    public const int Slots = 4;

    /// <summary>Bytes held now.</summary>
    public long Bytes
    {
        get
        {
            long sum = 0;
            foreach (long bytes in _bytes)
                sum += bytes;
            return sum;
        }
    }

    /// <summary>
    /// At least <paramref name="count"/> uninitialised elements, 64-byte aligned; the block's earlier contents may be lost.
    /// </summary>
    public T* Get<T>(int slot, long count)
        where T : unmanaged
    {
        long bytes = count * sizeof(T);
        if (bytes > _bytes[slot])
        {
            Free(slot);
            _blocks[slot] = HostMemory.Allocate(bytes);
            _bytes[slot] = bytes;
        }

        return (T*)_blocks[slot];
    }

    /// <summary>Returns the memory to the system.</summary>
    public void Dispose()
    {
        for (int slot = 0; slot < Slots; slot++)
            Free(slot);
    }

    private void Free(int slot)
    {
        HostMemory.Free(_blocks[slot]);
        _blocks[slot] = 0;
        _bytes[slot] = 0;
    }
}
