namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The kernels that compute attention.</summary>
internal enum AttentionRung
{
    /// <summary>One group per query: <see cref="AttentionKernel{T}"/>.</summary>
    PerQuery,

    /// <summary>One group per block of queries: <see cref="AttentionTiledKernel{T}"/>.</summary>
    Tiled,
}
