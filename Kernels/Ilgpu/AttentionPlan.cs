namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Which rung computes an attention. Whether keys are hidden has no say.</summary>
internal static class AttentionPlan
{
    /// <summary>The most features a head may have on the fast rungs.</summary>
    public const int MaxSize = 128;

    private const int Narrow = 64, FewRows = 16, WarpOfTiles = 32;

    /// <summary>The best rung for an attention on a device.</summary>
    public static AttentionRung Choose(KernelDevice device, MatmulPrecision precision, DType dtype, AttentionShape shape)
    {
        bool isSimulator = device.WarpSize != WarpOfTiles || device.MaxGroupSize < AttentionStage.Lanes;
        if (isSimulator || dtype != DType.Float32 || !Fits(shape) || shape.Queries < FewRows || shape.Keys < FewRows)
            return AttentionRung.PerQuery;
        if (!device.HasTensorCores) return AttentionRung.Tiled;
        return precision == MatmulPrecision.BFloat16 ? AttentionRung.BFloat16
            : precision == MatmulPrecision.TensorFloat32 ? AttentionRung.TensorFloat32
            : AttentionRung.Tiled;
    }

    /// <summary>The best rung for operands that are <see cref="AutogradCore.BFloat16"/> in memory; null where it is better to
    /// make floats of them first.</summary>
    public static AttentionRung? ChooseRounded(KernelDevice device, AttentionShape shape, bool isAligned)
    {
        if (Choose(device, MatmulPrecision.BFloat16, DType.Float32, shape) != AttentionRung.BFloat16) return null;
        int most = IsWide(shape) ? AttentionMma<AttentionWide, BFloat16Format, CopiedAhead>.BytesOfTwo
            : AttentionMma<AttentionNarrow, BFloat16Format, CopiedAhead>.BytesOfTwo;
        return isAligned && device.OptInSharedBytes >= most ? AttentionRung.AsyncBFloat16 : AttentionRung.BFloat16;
    }

    /// <summary>Whether rows of bf16 are whole pieces of 16 bytes, as copies past the registers want.</summary>
    public static bool IsInSixteens(AttentionShape shape) => shape.Size % 8 == 0;

    /// <summary>Whether the fast rungs can take it at all.</summary>
    public static bool Fits(AttentionShape shape) => shape.Size is > 0 and <= MaxSize;

    /// <summary>Whether a lane mixes eight features instead of four.</summary>
    public static bool IsWide(AttentionShape shape) => shape.Size > Narrow;

    /// <summary>Blocks that so many rows are divided into.</summary>
    public static int Blocks(int rows) => (rows + AttentionStage.Block - 1) / AttentionStage.Block;
}
