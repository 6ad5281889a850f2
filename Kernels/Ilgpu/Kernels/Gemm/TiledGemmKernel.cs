using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>C = Σ A·B + bias + residual, y = f(C), through shared memory.</summary>
/// <remarks>Idea: 16x16 lanes compute 16x16 elements of C and share what they read: 16 steps of K at a time, each number comes
/// from global memory once per tile instead of once per element, in runs of 16 neighbours whichever way the factor lies. Still
/// 2 shared loads per multiply-add. For products too small for the big tiles.</remarks>
internal static class TiledGemmKernel<TOp, T>
    where TOp : struct, IUnary<TOp>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Tile = TiledGemm.Tile;
    private const int Pitch = Tile + 1; // 17 banks apart: a column is read without conflicts

    public static void Run(GemmArguments<T> a)
    {
        ArrayView<T> left = SharedMemory.Allocate<T>(Tile * Pitch), right = SharedMemory.Allocate<T>(Tile * Pitch);
        int y = Group.IdxX / Tile, x = Group.IdxX - y * Tile;
        int rows = Grid.IdxY * Tile, columns = Grid.IdxX * Tile;
        for (int batch = Grid.IdxZ; batch < a.Batches; batch += Grid.DimZ)
        {
            int area = batch * a.Target.M * a.Target.N;
            for (int t = 0; t < a.Terms; t++)
            {
                GemmFactors<T> term = a.Term(t);
                T sum = T.Zero;
                for (int depth = 0; depth < term.K; depth += Tile)
                {
                    Stage(term.A, left, a.WalkA[batch], rows, a.Target.M, depth, term.K, x, y);
                    Stage(term.B, right, a.WalkB[batch], columns, a.Target.N, depth, term.K, x, y);
                    Group.Barrier();
                    for (int k = 0; k < Tile; k++)
                        sum = T.FusedMultiplyAdd(left[y * Pitch + k], right[x * Pitch + k], sum);
                    Group.Barrier();
                }
                a.Target.Put(area, rows + y, columns + x, sum, t == 0, t == a.Terms - 1);
            }
            if (a.Target.Maps != 0) a.Target.Map<TOp>(area, rows + y, columns + x);
        }
    }

    /// <summary>One element per lane, neighbours to neighbouring lanes, kept as [outer][depth].</summary>
    private static void Stage(
        GemmFactor<T> factor, ArrayView<T> shared, int at, int outer, int outerEnd, int depth, int depthEnd, int x, int y)
    {
        int o = factor.Form == GemmForm.AlongDepth ? y : x, d = factor.Form == GemmForm.AlongDepth ? x : y;
        shared[o * Pitch + d] = factor.One(at, outer + o, outerEnd, depth + d, depthEnd);
    }
}

/// <summary>The measures of <see cref="TiledGemmKernel{TOp, T}"/>.</summary>
internal static class TiledGemm
{
    /// <summary>Rows and columns of a tile, and steps of K per round.</summary>
    public const int Tile = 16;
}
