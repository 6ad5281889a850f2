namespace AutogradCore.Kernels.Ilgpu;

/// <summary>C = Σ A·B + bias + residual, y = f(C), on tensor cores, of factors that are copied to shared memory while earlier
/// ones are multiplied: <see cref="BFloat16"/> in memory, or floats that are rounded to TF32; sums in floats.</summary>
/// <remarks>
/// Idea: as <see cref="MmaGemmKernel{TOp, TFactor, TStage, TStored, TStorage, TA, TB}"/>, but a round's 16 words of K go from
/// global to shared memory by <c>cp.async</c>, past the registers, and shared memory holds several rounds: one is multiplied, the
/// others are on their way, so that the way may take as long as one round of multiplications and more (two, where there is
/// room). A round is: wait until the lane's own copies of it are there; one barrier, after which everyone's are, and after
/// which nobody reads the round before any more; start copies in its place; multiply. Nothing is converted on the way, so
/// floats are rounded when they are in registers. Warps compute 64x32 elements of C, or 64x64 (two tiles side by side) in
/// groups of 128x256. The fragments, and so the order of sums, are those of the rungs with two buffers.
/// </remarks>
internal static class AsyncMmaGemmKernel<TOp, TFactor, TFormat, TStored, TStorage, TShape, TA, TB>
    where TOp : struct, IUnary<TOp>
    where TFactor : unmanaged
    where TFormat : struct, IAsyncFormat<TFactor>
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
    where TShape : struct, IAsyncShape
    where TA : struct, IMmaForm
    where TB : struct, IMmaForm
{
    private const int Rows = MmaGemm.Block;

    private static int Columns => TShape.Columns;

    private static int DepthStep => MmaGemm.Words * TFormat.PerWord;

    public static void Run(RoundedGemmArguments<TFactor, TStored> a)
    {
        ArrayView<Words4> shared = SharedMemory.GetDynamic<Words4>();
        int lane = Group.IdxX & 31, warp = Group.IdxX >> 5;
        int rows = Grid.IdxY * Rows, columns = Grid.IdxX * Columns;
        int warpRow = (warp >> 2) * 64, warpColumn = (warp & 3) * (Columns / 4);
        int sourceA = AsyncPanel<TFactor, TFormat, TA>.Source(warpRow, Rows, true);
        int sourceB = Rows * MmaGemm.Words + AsyncPanel<TFactor, TFormat, TB>.Source(warpColumn, Columns, false);
        int row = rows + warpRow + (lane >> 2), column = columns + warpColumn + 2 * (lane & 3);
        for (int batch = Grid.IdxZ; batch < a.Batches; batch += Grid.DimZ)
        {
            int area = batch * a.Target.M * a.Target.N, atA = a.WalkA[batch], atB = a.WalkB[batch];
            for (int t = 0; t < a.Terms; t++)
            {
                GemmFactors<TFactor> term = a.Factors.Term(t);
                MmaTile near = default, far = default;
                int now = 0, next = 0;
                Group.Barrier();
                for (int depth = 0; next < (TShape.Rounds - 1) * AsyncGemm<TShape>.Round; depth += DepthStep)
                {
                    Start(shared, next, term, atA, atB, rows, a.Target.M, columns, a.Target.N, depth);
                    next += AsyncGemm<TShape>.Round;
                }
                for (int depth = 0; depth < term.K; depth += DepthStep)
                {
                    TShape.Wait();
                    Group.Barrier();
                    Start(shared, next, term, atA, atB, rows, a.Target.M, columns, a.Target.N,
                        depth + (TShape.Rounds - 1) * DepthStep);
                    Multiply(ref near, ref far, shared.Cast<uint>(), now + sourceA, now + sourceB, 0);
                    Multiply(ref near, ref far, shared.Cast<uint>(), now + sourceA, now + sourceB, 1);
                    next = now;
                    now = now + AsyncGemm<TShape>.Round == AsyncGemm<TShape>.All ? 0 : now + AsyncGemm<TShape>.Round;
                }
                near.Put<TStored, TStorage>(a.Target, area, row, column, t == 0, t == a.Terms - 1);
                if (Columns == 2 * MmaGemm.Block)
                    far.Put<TStored, TStorage>(a.Target, area, row, column + 32, t == 0, t == a.Terms - 1);
            }
            if (a.Target.Maps == 0) continue;
            for (int i = 0; i < Columns / 2; i++)
                a.Target.Map<TOp, TStorage>(area, row + ((i >> 1) & 7) * 8, column + (i >> 4) * 8 + (i & 1));
        }
    }

    /// <summary>Starts the copies of a round, if K has one there, and makes a group of them in any case: waits count
    /// groups.</summary>
    private static void Start(ArrayView<Words4> shared, int round, GemmFactors<TFactor> term, int atA, int atB,
        int rows, int m, int columns, int n, int depth)
    {
        if (depth < term.K)
        {
            AsyncPanel<TFactor, TFormat, TA>.Start(
                shared, round / 4 + AsyncPanel<TFactor, TFormat, TA>.Target(Rows), term.A, atA,
                rows + AsyncPanel<TFactor, TFormat, TA>.Outer(Rows), m,
                depth + AsyncPanel<TFactor, TFormat, TA>.Depth(Rows), term.K, Rows);
            AsyncPanel<TFactor, TFormat, TB>.Start(
                shared, (round + Rows * MmaGemm.Words) / 4 + AsyncPanel<TFactor, TFormat, TB>.Target(Columns), term.B, atB,
                columns + AsyncPanel<TFactor, TFormat, TB>.Outer(Columns), n,
                depth + AsyncPanel<TFactor, TFormat, TB>.Depth(Columns), term.K, Columns);
        }
        AsyncCopy.Commit();
    }

    /// <summary>Eight words of K: 16 multiplications of fragments, or 32.</summary>
    private static void Multiply(ref MmaTile near, ref MmaTile far, ArrayView<uint> words, int atA, int atB, int half)
    {
        Words4 a0 = AsyncPanel<TFactor, TFormat, TA>.Fragment(words, atA, 0, half, Rows, true);
        Words4 a1 = AsyncPanel<TFactor, TFormat, TA>.Fragment(words, atA, 1, half, Rows, true);
        Words4 a2 = AsyncPanel<TFactor, TFormat, TA>.Fragment(words, atA, 2, half, Rows, true);
        Words4 a3 = AsyncPanel<TFactor, TFormat, TA>.Fragment(words, atA, 3, half, Rows, true);
        near.Add<TFormat>(a0, a1, a2, a3,
            AsyncPanel<TFactor, TFormat, TB>.Fragment(words, atB, 0, half, Columns, false),
            AsyncPanel<TFactor, TFormat, TB>.Fragment(words, atB, 1, half, Columns, false));
        if (Columns == MmaGemm.Block) return;
        far.Add<TFormat>(a0, a1, a2, a3,
            AsyncPanel<TFactor, TFormat, TB>.Fragment(words, atB, 2, half, Columns, false),
            AsyncPanel<TFactor, TFormat, TB>.Fragment(words, atB, 3, half, Columns, false));
    }
}
