namespace AutogradCore.Kernels.Ilgpu;

/// <summary>What the kernels of attention by tiles are given; each reads what its formula names.
/// q, y, dy:[B,T,H,D]  k, v:[B,S,G,D]  lse, shift, rest, delta:[B,H,T]</summary>
/// <typeparam name="TStored">What all but log-sums and deltas, which are floats, are stored as.</typeparam>
/// <typeparam name="TStorage">How.</typeparam>
internal struct AttentionTiledArguments<TStored, TStorage>
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
{
    public ArrayView<TStored> Q, K, V, Dy;

    /// <summary>The log-sums, which the forward kernel writes.</summary>
    public ArrayView<double> Lse;

    /// <summary>The log-sums in units of ln 2 in two floats, of which the second is what the first lacks; and the deltas. The
    /// gradients' kernels read them.</summary>
    public ArrayView<float> Shift, Rest, Delta;

    /// <summary>The result: y, dq, dk or dv.</summary>
    public ArrayView<TStored> To;

    /// <summary>dv, where a kernel writes both.</summary>
    public ArrayView<TStored> ToV;

    public AttentionShape Shape;

    /// <summary>On scores, and on gradients of scores.</summary>
    public float Scale;

    /// <summary>What scores are multiplied by to come in units of ln 2.</summary>
    public AttentionUnits Units;

    /// <summary>Blocks of 64 rows that the results of one head are divided into.</summary>
    public int Blocks;

    public int Adds, AddsV;

    /// <summary>1 where rows are whole quads at multiples of a quad in every operand.</summary>
    public int IsAligned;

    /// <summary>The rows of a head of queries.</summary>
    public readonly AttentionRows<TStored, TStorage> QueryRows(ArrayView<TStored> x, int batch, int head) => new()
    {
        X = x,
        Start = Shape.Query(batch, 0, head),
        Stride = Shape.Heads * Shape.Size,
        Count = Shape.Queries,
        Size = Shape.Size,
        IsAligned = IsAligned,
    };

    /// <summary>The rows of a head of keys or values.</summary>
    public readonly AttentionRows<TStored, TStorage> KeyRows(ArrayView<TStored> x, int batch, int keyHead) => new()
    {
        X = x,
        Start = Shape.Key(batch, 0, keyHead),
        Stride = Shape.KeyHeads * Shape.Size,
        Count = Shape.Keys,
        Size = Shape.Size,
        IsAligned = IsAligned,
    };
}
