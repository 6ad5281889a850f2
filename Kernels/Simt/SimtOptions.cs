namespace AutogradCore.Kernels.Simt;

/// <summary>How the emulated machine is built.</summary>
public sealed record SimtOptions
{
    /// <summary>Lanes per warp, a power of two. Small warps make tests quick; matrix instructions need 32.</summary>
    public int WarpSize { get; init; } = 8;

    /// <summary>The most lanes in a group.</summary>
    public int MaxGroupSize { get; init; } = 1024;

    /// <summary>The most bytes of fixed shared memory in a group.</summary>
    public int MaxSharedBytes { get; init; } = 48 * 1024;

    /// <summary>The most bytes of shared memory in a group, fixed and dynamic together: of compute capability 8.0.</summary>
    public int OptInSharedBytes { get; init; } = 163 * 1024;

    /// <summary>The bytes of global memory; null for as many as the host has.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Null: warps run in order. Otherwise each group runs its warps in an order drawn from this seed.</summary>
    public ulong? WarpOrderSeed { get; init; }

    /// <summary>Whether races and reads of unwritten memory are looked for; ranges and alignment always are.</summary>
    public bool ChecksAccesses { get; init; } = true;

    internal SimtOptions Check()
    {
        if (WarpSize < 1 || !int.IsPow2(WarpSize))
            throw new ArgumentException($"A warp of {WarpSize} lanes; it must be a power of two.", nameof(WarpSize));
        if (MaxGroupSize < WarpSize)
            throw new ArgumentException(
                $"Groups of {MaxGroupSize} lanes are smaller than a warp of {WarpSize}.", nameof(MaxGroupSize));
        if (OptInSharedBytes < MaxSharedBytes)
            throw new ArgumentException(
                $"{OptInSharedBytes} bytes of shared memory in all are fewer than {MaxSharedBytes} fixed ones.",
                nameof(OptInSharedBytes));
        return this;
    }
}
