namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The kernels of attention on tensor cores for one format and one way to store, by the width of heads.</summary>
internal static class AttentionMmaChoice<TFormat, TStored, TStorage>
    where TFormat : struct, IMmaFormat
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
{
    public static Action<AttentionTiledArguments<TStored, TStorage>> Forward(bool isWide) => isWide
        ? AttentionMmaKernel<AttentionWide, TFormat, TStored, TStorage>.Run
        : AttentionMmaKernel<AttentionNarrow, TFormat, TStored, TStorage>.Run;

    public static Action<AttentionTiledArguments<TStored, TStorage>> QueryGradient(bool isWide) => isWide
        ? AttentionQueryGradientMmaKernel<AttentionWide, TFormat, TStored, TStorage>.Run
        : AttentionQueryGradientMmaKernel<AttentionNarrow, TFormat, TStored, TStorage>.Run;

    public static Action<AttentionTiledArguments<TStored, TStorage>> KeyGradient(bool isWide) => isWide
        ? AttentionKeyGradientMmaKernel<AttentionWide, TFormat, TStored, TStorage>.Run
        : AttentionKeyGradientMmaKernel<AttentionNarrow, TFormat, TStored, TStorage>.Run;

    public static Action<AttentionTiledArguments<TStored, TStorage>> ValueGradient(bool isWide) => isWide
        ? AttentionValueGradientMmaKernel<AttentionWide, TFormat, TStored, TStorage>.Run
        : AttentionValueGradientMmaKernel<AttentionNarrow, TFormat, TStored, TStorage>.Run;

    /// <summary>Both gradients of narrow heads.</summary>
    public static Action<AttentionTiledArguments<TStored, TStorage>> PairGradient() =>
        AttentionPairGradientMmaKernel<TFormat, TStored, TStorage>.Run;
}
