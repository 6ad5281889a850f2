using System.Runtime.InteropServices;

namespace AutogradCore.Kernels.Host;

/// <summary>Native working memory that a part of a job borrows; it grows to the largest use and is then reused.</summary>
internal sealed unsafe class Scratch : IDisposable
{
    private const nuint Alignment = 64;

    private readonly void*[] _blocks = new void*[Slots];
    private readonly nuint[] _bytes = new nuint[Slots];

    /// <summary>Separate blocks a scratch offers, so that nested kernels do not step on each other.</summary>
    public const int Slots = 4;

    /// <summary>Bytes held now.</summary>
    public long Bytes
    {
        get
        {
            long sum = 0;
            foreach (nuint bytes in _bytes)
                sum += (long)bytes;
            return sum;
        }
    }

    /// <summary>
    /// At least <paramref name="count"/> uninitialised elements, 64-byte aligned; the block's earlier contents may be lost.
    /// </summary>
    public T* Get<T>(int slot, long count)
        where T : unmanaged
    {
        nuint bytes = (nuint)count * (nuint)sizeof(T);
        if (bytes > _bytes[slot])
        {
            NativeMemory.AlignedFree(_blocks[slot]);
            _blocks[slot] = null;
            _bytes[slot] = 0;
            _blocks[slot] = NativeMemory.AlignedAlloc(bytes, Alignment);
            _bytes[slot] = bytes;
        }

        return (T*)_blocks[slot];
    }

    /// <summary>Returns the memory to the system.</summary>
    public void Dispose()
    {
        for (int slot = 0; slot < Slots; slot++)
        {
            NativeMemory.AlignedFree(_blocks[slot]);
            _blocks[slot] = null;
            _bytes[slot] = 0;
        }
    }
}
