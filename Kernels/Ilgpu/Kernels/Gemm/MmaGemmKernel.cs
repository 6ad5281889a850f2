namespace AutogradCore.Kernels.Ilgpu;

/// <summary>C = Σ A·B + bias + residual, y = f(C), on tensor cores in bf16, with two buffers: of floats, which are rounded on
/// their way, or of factors that are <see cref="BFloat16"/> in memory; sums in floats.</summary>
/// <remarks>
/// Idea: 8 warps compute 128x128 elements of C, each warp 64x32 as 4x4 fragments of 16x8. A round stages 32 steps of K of both
/// factors: they are read from global memory 16 bytes at a time, rounded in registers where they are floats, which halves what
/// shared memory holds and moves, stored there, and read from there as fragments by matrix loads; two buffers, one barrier a
/// round, the next round's numbers under way while the present ones are multiplied. Half a round is 6 matrix loads for 16
/// instructions <c>mma.sync</c>. One kernel for each orientation of the factors, so that no branch stands between the loads of
/// fragments. The order of sums is the instruction's within a fragment and K ascending beyond it.
/// </remarks>
/// <typeparam name="TOp">f.</typeparam>
/// <typeparam name="TFactor">What A and B are in memory: floats, or <see cref="BFloat16"/>.</typeparam>
/// <typeparam name="TStage">What a lane carries of a panel.</typeparam>
/// <typeparam name="TStored">What C, y and the residual are in memory.</typeparam>
/// <typeparam name="TStorage">How those are read and written.</typeparam>
/// <typeparam name="TA">How panels of A come, with A's orientation.</typeparam>
/// <typeparam name="TB">How panels of B come.</typeparam>
internal static class MmaGemmKernel<TOp, TFactor, TStage, TStored, TStorage, TA, TB>
    where TOp : struct, IUnary<TOp>
    where TFactor : unmanaged
    where TStage : unmanaged
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
    where TA : struct, IMmaPanel<TFactor, TStage>
    where TB : struct, IMmaPanel<TFactor, TStage>
{
    public static void Run(RoundedGemmArguments<TFactor, TStored> a)
    {
        ArrayView<Words4> left = SharedMemory.Allocate<Words4>(2 * MmaGemm.Panel / 4);
        ArrayView<Words4> right = SharedMemory.Allocate<Words4>(2 * MmaGemm.Panel / 4);
        int lane = Group.IdxX & 31, warp = Group.IdxX >> 5;
        int rows = Grid.IdxY * MmaGemm.Block, columns = Grid.IdxX * MmaGemm.Block;
        int warpRow = (warp >> 2) * 64, warpColumn = (warp & 3) * 32;
        int targetA = TA.Target, targetB = TB.Target;
        int sourceA = TA.Source(warpRow, true), sourceB = TB.Source(warpColumn, false);
        int row = rows + warpRow + (lane >> 2), column = columns + warpColumn + 2 * (lane & 3);
        for (int batch = Grid.IdxZ; batch < a.Batches; batch += Grid.DimZ)
        {
            int area = batch * a.Target.M * a.Target.N, atA = a.WalkA[batch], atB = a.WalkB[batch];
            for (int t = 0; t < a.Terms; t++)
            {
                GemmFactors<TFactor> term = a.Factors.Term(t);
                MmaTile tile = default;
                int now = 0;
                TA.Store(left, now + targetA, TA.Load(term.A, atA, rows, a.Target.M, 0, term.K));
                TB.Store(right, now + targetB, TB.Load(term.B, atB, columns, a.Target.N, 0, term.K));
                Group.Barrier();
                for (int depth = 0; depth < term.K; depth += MmaGemm.Depth)
                {
                    int next = depth + MmaGemm.Depth;
                    TStage nextA = TA.Load(term.A, atA, rows, a.Target.M, next, term.K);
                    TStage nextB = TB.Load(term.B, atB, columns, a.Target.N, next, term.K);
                    ArrayView<uint> fromA = left.Cast<uint>().SubView(now + sourceA);
                    ArrayView<uint> fromB = right.Cast<uint>().SubView(now + sourceB);
                    Step(ref tile, fromA, fromB, 0);
                    Step(ref tile, fromA, fromB, 1);
                    now = MmaGemm.Panel - now;
                    TA.Store(left, now + targetA, nextA);
                    TB.Store(right, now + targetB, nextB);
                    Group.Barrier();
                }
                tile.Put<TStored, TStorage>(a.Target, area, row, column, t == 0, t == a.Terms - 1);
            }
            if (a.Target.Maps == 0) continue;
            for (int i = 0; i < 64; i++)
                a.Target.Map<TOp, TStorage>(area, row + (i >> 3) * 8, column + ((i >> 1) & 3) * 8 + (i & 1));
        }
    }

    /// <summary>Eight words of K: 16 multiplications of fragments.</summary>
    private static void Step(ref MmaTile tile, ArrayView<uint> fromA, ArrayView<uint> fromB, int half) =>
        tile.Add<BFloat16Format>(
            TA.Fragment(fromA, 0, half),
            TA.Fragment(fromA, 1, half),
            TA.Fragment(fromA, 2, half),
            TA.Fragment(fromA, 3, half),
            TB.Fragment(fromB, 0, half),
            TB.Fragment(fromB, 1, half));
}

/// <summary>The measures of <see cref="MmaGemmKernel{TOp, TFactor, TStage, TStored, TStorage, TA, TB}"/>.</summary>
internal static class MmaGemm
{
    /// <summary>Rows and columns of C per group.</summary>
    public const int Block = 128;

    /// <summary>Words of K per round.</summary>
    public const int Words = 16;

    /// <summary>Steps of K per round in bf16.</summary>
    public const int Depth = 2 * Words;

    /// <summary>Words of one staged panel, gaps included.</summary>
    public const int Panel = Block * (Words + 4);

    /// <summary>Lanes per group.</summary>
    public const int Lanes = 256;
}
