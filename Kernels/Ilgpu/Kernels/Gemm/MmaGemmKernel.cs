namespace AutogradCore.Kernels.Ilgpu;

/// <summary>C = Σ A·B + bias + residual, y = f(C), on tensor cores: factors rounded to <typeparamref name="TFormat"/>, sums in
/// floats.</summary>
/// <remarks>
/// Idea: 8 warps compute 128x128 elements of C, each warp 64x32 as 4x4 fragments of 16x8. A round stages 16 words of K (32
/// steps in bf16, 16 in TF32) of both factors: floats are read from global memory 16 bytes at a time, rounded in registers,
/// stored to shared memory, and read from there as fragments by matrix loads; two buffers, one barrier a round, the next
/// round's numbers under way while the present ones are multiplied. Half a round is 6 matrix loads for 16 instructions
/// <c>mma.sync</c>. One kernel for each orientation of the factors (<typeparamref name="TA"/>, <typeparamref name="TB"/>), so
/// that no branch stands between the loads of fragments. The order of sums is the instruction's within a fragment and K
/// ascending beyond it.
/// </remarks>
internal static class MmaGemmKernel<TOp, TFormat, TA, TB>
    where TOp : struct, IUnary<TOp>
    where TFormat : struct, IMmaFormat
    where TA : struct, IMmaForm
    where TB : struct, IMmaForm
{
    public static void Run(GemmArguments<float> a)
    {
        ArrayView<Words4> left = SharedMemory.Allocate<Words4>(2 * MmaGemm.Panel / 4);
        ArrayView<Words4> right = SharedMemory.Allocate<Words4>(2 * MmaGemm.Panel / 4);
        int depthStep = MmaGemm.Words * TFormat.PerWord, lane = Group.IdxX & 31, warp = Group.IdxX >> 5;
        int rows = Grid.IdxY * MmaGemm.Block, columns = Grid.IdxX * MmaGemm.Block;
        int warpRow = (warp >> 2) * 64, warpColumn = (warp & 3) * 32;
        int targetA = MmaPanel<TFormat, TA>.Target, targetB = MmaPanel<TFormat, TB>.Target;
        int sourceA = MmaPanel<TFormat, TA>.Source(warpRow, true), sourceB = MmaPanel<TFormat, TB>.Source(warpColumn, false);
        int row = rows + warpRow + (lane >> 2), column = columns + warpColumn + 2 * (lane & 3);
        for (int batch = Grid.IdxZ; batch < a.Batches; batch += Grid.DimZ)
        {
            int area = batch * a.Target.M * a.Target.N, atA = a.WalkA[batch], atB = a.WalkB[batch];
            for (int t = 0; t < a.Terms; t++)
            {
                GemmFactors<float> term = a.Term(t);
                MmaTile tile = default;
                int now = 0;
                MmaPanel<TFormat, TA>.Store(
                    left, now + targetA, MmaPanel<TFormat, TA>.Load(term.A, atA, rows, a.Target.M, 0, term.K));
                MmaPanel<TFormat, TB>.Store(
                    right, now + targetB, MmaPanel<TFormat, TB>.Load(term.B, atB, columns, a.Target.N, 0, term.K));
                Group.Barrier();
                for (int depth = 0; depth < term.K; depth += depthStep)
                {
                    int next = depth + depthStep;
                    MmaStage nextA = MmaPanel<TFormat, TA>.Load(term.A, atA, rows, a.Target.M, next, term.K);
                    MmaStage nextB = MmaPanel<TFormat, TB>.Load(term.B, atB, columns, a.Target.N, next, term.K);
                    Step(ref tile, left.Cast<uint>(), right.Cast<uint>(), now + sourceA, now + sourceB, 0);
                    Step(ref tile, left.Cast<uint>(), right.Cast<uint>(), now + sourceA, now + sourceB, 1);
                    now = MmaGemm.Panel - now;
                    MmaPanel<TFormat, TA>.Store(left, now + targetA, nextA);
                    MmaPanel<TFormat, TB>.Store(right, now + targetB, nextB);
                    Group.Barrier();
                }
                tile.Put(a.Target, area, row, column, t == 0, t == a.Terms - 1);
            }
            if (a.Target.Maps == 0) continue;
            for (int i = 0; i < 64; i++)
                a.Target.Map<TOp>(area, row + (i >> 3) * 8, column + ((i >> 1) & 3) * 8 + (i & 1));
        }
    }

    /// <summary>Eight words of K: 16 multiplications of fragments.</summary>
    private static void Step(ref MmaTile tile, ArrayView<uint> left, ArrayView<uint> right, int atA, int atB, int half) =>
        tile.Add<TFormat>(
            MmaPanel<TFormat, TA>.Fragment(left, atA, 0, half, true),
            MmaPanel<TFormat, TA>.Fragment(left, atA, 1, half, true),
            MmaPanel<TFormat, TA>.Fragment(left, atA, 2, half, true),
            MmaPanel<TFormat, TA>.Fragment(left, atA, 3, half, true),
            MmaPanel<TFormat, TB>.Fragment(right, atB, 0, half, false),
            MmaPanel<TFormat, TB>.Fragment(right, atB, 1, half, false));
}

/// <summary>The measures of <see cref="MmaGemmKernel{TOp, TFormat, TA, TB}"/>.</summary>
internal static class MmaGemm
{
    /// <summary>Rows and columns of C per group.</summary>
    public const int Block = 128;

    /// <summary>Words of K per round.</summary>
    public const int Words = 16;

    /// <summary>Words of one staged panel, gaps included.</summary>
    public const int Panel = Block * (Words + 4);

    /// <summary>Lanes per group.</summary>
    public const int Lanes = 256;
}
