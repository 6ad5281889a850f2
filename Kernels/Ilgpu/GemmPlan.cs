namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The ways to compute a matrix product, each faster and narrower than the one before.</summary>
internal enum GemmRung
{
    /// <summary><see cref="NaiveGemmKernel{TOp, T}"/></summary>
    Naive,

    /// <summary><see cref="TiledGemmKernel{TOp, T}"/></summary>
    Tiled,

    /// <summary><see cref="RegisterGemmKernel{TOp, T}"/></summary>
    Register,

    /// <summary><see cref="AsyncMmaGemmKernel{TOp, TFactor, TFormat, TStored, TStorage, TShape, TA, TB}"/> with floats rounded to
    /// TF32.</summary>
    TensorFloat32,

    /// <summary><see cref="MmaGemmKernel{TOp, TFactor, TStage, TStored, TStorage, TA, TB}"/>: floats rounded to bf16, or factors
    /// that are bf16 in memory.</summary>
    BFloat16,

    /// <summary><see cref="AsyncMmaGemmKernel{TOp, TFactor, TFormat, TStored, TStorage, TShape, TA, TB}"/> for factors that are
    /// bf16 in memory and aligned.</summary>
    AsyncBFloat16,
}

/// <summary>Which rung computes a product. The length of K has no say, so that terms of one sum take the same rung.</summary>
internal static class GemmPlan
{
    /// <summary>The largest grid along y and z.</summary>
    public const int MaxGrid = 65535;

    private const int TooFewLanes = 256, BigTile = 64, TensorTile = 32, SmallTile = 8;

    /// <summary>The best rung for a product on a device.</summary>
    public static GemmRung Choose(KernelDevice device, MatmulPrecision precision, DType dtype, int m, int n, int formA, int formB)
    {
        if (device.WarpSize < 32 || device.MaxGroupSize < TooFewLanes) return GemmRung.Naive; // simulators
        bool hasNeighbours = formA != GemmForm.Strided && formB != GemmForm.Strided;
        if (precision != MatmulPrecision.Float32 && dtype == DType.Float32 && device.HasTensorCores && hasNeighbours
            && m >= TensorTile && n >= TensorTile)
            return precision == MatmulPrecision.BFloat16 ? GemmRung.BFloat16 : GemmRung.TensorFloat32;
        if (m >= BigTile && n >= BigTile) return GemmRung.Register;
        return m >= SmallTile && n >= SmallTile && m <= MaxGrid * SmallTile ? GemmRung.Tiled : GemmRung.Naive;
    }

    /// <summary>The best rung for factors that are <see cref="AutogradCore.BFloat16"/> in memory; null where it is better to make
    /// floats of them first.</summary>
    public static GemmRung? ChooseRounded(KernelDevice device, int m, int n, bool hasNeighbours, bool isAligned)
    {
        if (device.WarpSize < 32 || device.MaxGroupSize < TooFewLanes || m < SmallTile || n < SmallTile) return GemmRung.Naive;
        return !device.HasTensorCores || !hasNeighbours ? null : isAligned ? GemmRung.AsyncBFloat16 : GemmRung.BFloat16;
    }

    /// <summary>Whether groups of 128x256 are better than squares: the device lends them the shared memory, and there are enough
    /// of them for it to be busy.</summary>
    public static bool IsWide(KernelDevice device, int m, int n, int batches)
    {
        if (device.OptInSharedBytes < AsyncGemm<WideInFour>.Bytes || n <= MmaGemm.Block) return false;
        LaunchShape shape = Shape<WideInFour>(m, n, batches);
        return (long)shape.GridX * shape.GridY * batches >= device.Multiprocessors;
    }

    /// <summary>The launch of a rung that copies ahead.</summary>
    public static LaunchShape Shape<TShape>(int m, int n, int batches) where TShape : struct, IAsyncShape =>
        Shape(m, n, batches, MmaGemm.Block) with
        {
            GridX = (n + TShape.Columns - 1) / TShape.Columns,
            SharedBytes = AsyncGemm<TShape>.Bytes,
        };

    /// <summary>The launch of a rung whose groups compute squares of C.</summary>
    public static LaunchShape Shape(int m, int n, int batches, int block) =>
        new((n + block - 1) / block, TooFewLanes, (m + block - 1) / block, Math.Min(batches, MaxGrid));
}
