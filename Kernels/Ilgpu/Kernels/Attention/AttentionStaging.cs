namespace AutogradCore.Kernels.Ilgpu;

/// <summary>How inner rows come from global to shared memory on tensor cores, known when the kernel is compiled.</summary>
internal interface IAttentionStaging
{
    /// <summary>Whether blocks are copied past the registers while earlier ones are multiplied; otherwise a lane carries the next
    /// block, or half of it, in registers.</summary>
    static abstract bool CopiesAhead { get; }
}

/// <summary>Rows are rounded in registers, or lie where 16 bytes cannot be copied at once.</summary>
internal readonly struct ThroughRegisters : IAttentionStaging
{
    public static bool CopiesAhead => false;
}

/// <summary>Rows are in memory what is multiplied, and start at multiples of 16 bytes.</summary>
internal readonly struct CopiedAhead : IAttentionStaging
{
    public static bool CopiesAhead => true;
}
