namespace AutogradCore.Kernels.Ilgpu;

/// <summary>C = Σ A·B + bias + residual, y = f(C), on tensor cores: floats rounded to bf16, sums in floats.</summary>
/// <remarks>
/// Idea: 8 warps compute 128x128 elements of C, each warp 64x32 as 4x4 fragments of 16x8. A round stages 32 steps of K of both
/// factors: floats are read from global memory 16 bytes at a time, rounded in registers, which halves what shared memory holds
/// and moves, stored there, and read from there as fragments by matrix loads; two buffers, one barrier a round, the next round's
/// numbers under way while the present ones are multiplied. Half a round is 6 matrix loads for 16 instructions
/// <c>mma.sync</c>. One kernel for each orientation of the factors (<typeparamref name="TA"/>, <typeparamref name="TB"/>), so
/// that no branch stands between the loads of fragments. The order of sums is the instruction's within a fragment and K
/// ascending beyond it.
/// </remarks>
internal static class MmaGemmKernel<TOp, TA, TB>
    where TOp : struct, IUnary<TOp>
    where TA : struct, IMmaForm
    where TB : struct, IMmaForm
{
    public static void Run(GemmArguments<float> a)
    {
        ArrayView<Words4> left = SharedMemory.Allocate<Words4>(2 * MmaGemm.Panel / 4);
        ArrayView<Words4> right = SharedMemory.Allocate<Words4>(2 * MmaGemm.Panel / 4);
        int lane = Group.IdxX & 31, warp = Group.IdxX >> 5;
        int rows = Grid.IdxY * MmaGemm.Block, columns = Grid.IdxX * MmaGemm.Block;
        int warpRow = (warp >> 2) * 64, warpColumn = (warp & 3) * 32;
        int targetA = MmaPanel<TA>.Target, targetB = MmaPanel<TB>.Target;
        int sourceA = MmaPanel<TA>.Source(warpRow, true), sourceB = MmaPanel<TB>.Source(warpColumn, false);
        int row = rows + warpRow + (lane >> 2), column = columns + warpColumn + 2 * (lane & 3);
        for (int batch = Grid.IdxZ; batch < a.Batches; batch += Grid.DimZ)
        {
            int area = batch * a.Target.M * a.Target.N, atA = a.WalkA[batch], atB = a.WalkB[batch];
            for (int t = 0; t < a.Terms; t++)
            {
                GemmFactors<float> term = a.Term(t);
                MmaTile tile = default;
                int now = 0;
                MmaPanel<TA>.Store(
                    left, now + targetA, MmaPanel<TA>.Load(term.A, atA, rows, a.Target.M, 0, term.K));
                MmaPanel<TB>.Store(
                    right, now + targetB, MmaPanel<TB>.Load(term.B, atB, columns, a.Target.N, 0, term.K));
                Group.Barrier();
                for (int depth = 0; depth < term.K; depth += MmaGemm.Depth)
                {
                    int next = depth + MmaGemm.Depth;
                    MmaStage nextA = MmaPanel<TA>.Load(term.A, atA, rows, a.Target.M, next, term.K);
                    MmaStage nextB = MmaPanel<TB>.Load(term.B, atB, columns, a.Target.N, next, term.K);
                    tile.AddHalf<TA, TB>(left.Cast<uint>(), right.Cast<uint>(), now + sourceA, now + sourceB, 0);
                    tile.AddHalf<TA, TB>(left.Cast<uint>(), right.Cast<uint>(), now + sourceA, now + sourceB, 1);
                    now = MmaGemm.Panel - now;
                    MmaPanel<TA>.Store(left, now + targetA, nextA);
                    MmaPanel<TB>.Store(right, now + targetB, nextB);
                    Group.Barrier();
                }
                tile.Put(a.Target, area, row, column, t == 0, t == a.Terms - 1);
            }
            if (a.Target.Maps == 0) continue;
            for (int i = 0; i < 64; i++)
                a.Target.Map<TOp>(area, row + (i >> 3) * 8, column + ((i >> 1) & 3) * 8 + (i & 1));
        }
    }
}

/// <summary>The measures of <see cref="MmaGemmKernel{TOp, TA, TB}"/>.</summary>
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
