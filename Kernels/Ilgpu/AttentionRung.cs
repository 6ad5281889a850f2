namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The ways to compute attention and its gradients, each faster and narrower than the one before.</summary>
internal enum AttentionRung
{
    /// <summary>One group per query: <see cref="AttentionKernel{T}"/>.</summary>
    PerQuery,

    /// <summary>One group per 64 queries, in floats: <see cref="AttentionTiledKernel{TWidth}"/>.</summary>
    Tiled,

    /// <summary>The same on tensor cores, factors rounded to TF32:
    /// <see cref="AttentionMmaKernel{TWidth, TFormat, TStaging, TStored, TStorage}"/>.</summary>
    TensorFloat32,

    /// <summary>The same, factors rounded to bf16, or so in memory.</summary>
    BFloat16,

    /// <summary>The same, of operands that are bf16 in memory and aligned, so that inner rows are copied ahead.</summary>
    AsyncBFloat16,
}
