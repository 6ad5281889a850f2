using System.Runtime.InteropServices;

namespace AutogradCore;

/// <summary>Host memory for tensors and kernels, aligned to a cache line and an AVX-512 register; from 2 MiB on aligned to a huge
/// page, and huge pages asked for.</summary>
/// <remarks>Only whole huge pages inside a block are asked for, so no block takes more memory than without.</remarks>
public static unsafe class HostMemory
{
    /// <summary>The alignment of small blocks in bytes.</summary>
    public const int Alignment = 64;

    /// <summary>Uninitialised memory.</summary>
    /// <exception cref="OutOfMemoryException">The system has no more.</exception>
    public static nint Allocate(long bytes)
    {
        bool large = bytes >= HugePages.Size;
        nint pointer = (nint)NativeMemory.AlignedAlloc((nuint)bytes, large ? (nuint)HugePages.Size : Alignment);
        if (large) HugePages.Advise(pointer, bytes);
        return pointer;
    }

    /// <summary>Gives memory from <see cref="Allocate"/> back; nothing for 0.</summary>
    public static void Free(nint pointer) => NativeMemory.AlignedFree((void*)pointer);
}
