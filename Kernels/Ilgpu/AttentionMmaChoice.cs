namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The kernels of attention on tensor cores for one format, one way to stage and one to store, by the width of
/// heads.</summary>
internal static class AttentionMmaChoice<TFormat, TStaging, TStored, TStorage>
    where TFormat : struct, IMmaFormat
    where TStaging : struct, IAttentionStaging
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
{
    public static AttentionTiles<TStored, TStorage> Forward(bool isWide) => isWide
        ? new(AttentionMmaKernel<AttentionWide, TFormat, TStaging, TStored, TStorage>.Run,
            AttentionMma<AttentionWide, TFormat, TStaging>.Bytes)
        : new(AttentionMmaKernel<AttentionNarrow, TFormat, TStaging, TStored, TStorage>.Run,
            AttentionMma<AttentionNarrow, TFormat, TStaging>.Bytes);

    public static AttentionTiles<TStored, TStorage> QueryGradient(bool isWide) => isWide
        ? new(AttentionQueryGradientMmaKernel<AttentionWide, TFormat, TStaging, TStored, TStorage>.Run,
            AttentionMma<AttentionWide, TFormat, TStaging>.BytesOfTwo)
        : new(AttentionQueryGradientMmaKernel<AttentionNarrow, TFormat, TStaging, TStored, TStorage>.Run,
            AttentionMma<AttentionNarrow, TFormat, TStaging>.BytesOfTwo);

    public static AttentionTiles<TStored, TStorage> KeyGradient(bool isWide) => isWide
        ? new(AttentionKeyGradientMmaKernel<AttentionWide, TFormat, TStaging, TStored, TStorage>.Run,
            AttentionMma<AttentionWide, TFormat, TStaging>.BytesOfTwo)
        : new(AttentionKeyGradientMmaKernel<AttentionNarrow, TFormat, TStaging, TStored, TStorage>.Run,
            AttentionMma<AttentionNarrow, TFormat, TStaging>.BytesOfTwo);

    public static AttentionTiles<TStored, TStorage> ValueGradient(bool isWide) => isWide
        ? new(AttentionValueGradientMmaKernel<AttentionWide, TFormat, TStaging, TStored, TStorage>.Run,
            AttentionMma<AttentionWide, TFormat, TStaging>.Bytes)
        : new(AttentionValueGradientMmaKernel<AttentionNarrow, TFormat, TStaging, TStored, TStorage>.Run,
            AttentionMma<AttentionNarrow, TFormat, TStaging>.Bytes);

    /// <summary>Both gradients of narrow heads.</summary>
    public static AttentionTiles<TStored, TStorage> PairGradient() =>
        new(AttentionPairGradientMmaKernel<TFormat, TStaging, TStored, TStorage>.Run,
            AttentionMma<AttentionNarrow, TFormat, TStaging>.BytesOfTwo);
}
