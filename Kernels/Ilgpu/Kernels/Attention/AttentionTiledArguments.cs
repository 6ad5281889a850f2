namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What the kernels of attention by tiles are given; each reads what its formula names.
/// q, y, dy:[B,T,H,D]  k, v:[B,S,G,D]  lse, delta:[B,H,T]</summary>
internal struct AttentionTiledArguments
{
    public ArrayView<float> Q, K, V, Dy, Delta;

    /// <summary>Written by the forward kernel, read by the others.</summary>
    public ArrayView<float> Lse;

    /// <summary>The result: y, dq, dk or dv.</summary>
    public ArrayView<float> To;

    /// <summary>dv, where a kernel writes both.</summary>
    public ArrayView<float> ToV;

    public AttentionShape Shape;
    public float Scale;

    /// <summary>Blocks of 64 rows that the results of one head are divided into.</summary>
    public int Blocks;

    public int Adds, AddsV;

    /// <summary>1 where rows are whole quads at multiples of 16 bytes in every operand.</summary>
    public int IsAligned;
}
