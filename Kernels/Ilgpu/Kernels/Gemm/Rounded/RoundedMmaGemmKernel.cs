namespace AutogradCore.Kernels.Ilgpu;

/// <summary>C = Σ A·B + bias + residual, y = f(C), on tensor cores, of factors that are <see cref="BFloat16"/> in memory; sums in
/// floats.</summary>
/// <remarks>
/// Idea: as <see cref="MmaGemmKernel{TOp, TA, TB}"/>, but nothing is rounded on the way into shared memory: half
/// the bytes from global memory, a quarter of the loads and half of the registers they pass through, and no conversions. The
/// fragments, and so the order of sums, are the same.
/// </remarks>
internal static class RoundedMmaGemmKernel<TOp, TStored, TStorage, TA, TB>
    where TOp : struct, IUnary<TOp>
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
    where TA : struct, IMmaForm
    where TB : struct, IMmaForm
{
    public static void Run(RoundedGemmArguments<ushort, TStored> a)
    {
        ArrayView<Words4> left = SharedMemory.Allocate<Words4>(2 * MmaGemm.Panel / 4);
        ArrayView<Words4> right = SharedMemory.Allocate<Words4>(2 * MmaGemm.Panel / 4);
        int lane = Group.IdxX & 31, warp = Group.IdxX >> 5;
        int rows = Grid.IdxY * MmaGemm.Block, columns = Grid.IdxX * MmaGemm.Block;
        int warpRow = (warp >> 2) * 64, warpColumn = (warp & 3) * 32;
        int targetA = RoundedPanel<TA>.Target, targetB = RoundedPanel<TB>.Target;
        int sourceA = MmaPanel<TA>.Source(warpRow, true);
        int sourceB = MmaPanel<TB>.Source(warpColumn, false);
        int row = rows + warpRow + (lane >> 2), column = columns + warpColumn + 2 * (lane & 3);
        for (int batch = Grid.IdxZ; batch < a.Batches; batch += Grid.DimZ)
        {
            int area = batch * a.Target.M * a.Target.N, atA = a.WalkA[batch], atB = a.WalkB[batch];
            for (int t = 0; t < a.Terms; t++)
            {
                GemmFactors<ushort> term = a.Factors.Term(t);
                MmaTile tile = default;
                int now = 0;
                RoundedPanel<TA>.Store(left, now + targetA, RoundedPanel<TA>.Load(term.A, atA, rows, a.Target.M, 0, term.K));
                RoundedPanel<TB>.Store(right, now + targetB, RoundedPanel<TB>.Load(term.B, atB, columns, a.Target.N, 0, term.K));
                Group.Barrier();
                for (int depth = 0; depth < term.K; depth += MmaGemm.Depth)
                {
                    int next = depth + MmaGemm.Depth;
                    RoundedStage nextA = RoundedPanel<TA>.Load(term.A, atA, rows, a.Target.M, next, term.K);
                    RoundedStage nextB = RoundedPanel<TB>.Load(term.B, atB, columns, a.Target.N, next, term.K);
                    tile.AddHalf<TA, TB>(left.Cast<uint>(), right.Cast<uint>(), now + sourceA, now + sourceB, 0);
                    tile.AddHalf<TA, TB>(left.Cast<uint>(), right.Cast<uint>(), now + sourceA, now + sourceB, 1);
                    now = MmaGemm.Panel - now;
                    RoundedPanel<TA>.Store(left, now + targetA, nextA);
                    RoundedPanel<TB>.Store(right, now + targetB, nextB);
                    Group.Barrier();
                }
                RoundedTile<TStored, TStorage>.Put(tile, a.Target, area, row, column, t == 0, t == a.Terms - 1);
            }
            if (a.Target.Maps == 0) continue;
            for (int i = 0; i < 64; i++)
                a.Target.Map<TOp, TStorage>(area, row + (i >> 3) * 8, column + ((i >> 1) & 3) * 8 + (i & 1));
        }
    }
}
