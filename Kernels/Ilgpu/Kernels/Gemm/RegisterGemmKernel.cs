using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>C = Σ A·B + bias + residual, y = f(C), r = Σ A over K, from registers.</summary>
/// <remarks>
/// Idea: 256 lanes compute 128x128 elements of C, each lane 8x8 of them in registers. A step of K reads 16 numbers from shared
/// memory, in four 16-byte loads, for 64 multiply-adds. Eight steps of K are staged at a time, in two buffers: the next eight
/// travel from global memory while the present ones are multiplied, and one barrier per round suffices. A lane's rows are
/// 4y..4y+3 and 64+4y..64+4y+3, its columns likewise, so that a warp reads each operand without bank conflicts. Shared memory
/// holds both factors as [depth][outer], 33 quads apart, whichever way they lie in global memory. Row sums are taken from A's
/// tiles by the first column of groups.
/// </remarks>
[LaunchBounds(RegisterGemm.Lanes, groups: 2)]
internal static class RegisterGemmKernel<TOp, T>
    where TOp : struct, IUnary<TOp>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Pitch = RegisterGemm.Block / 4 + 1, Buffer = RegisterGemm.Depth * Pitch; // in quads
    private const int Half = RegisterGemm.Block / 2;

    public static void Run(GemmArguments<T> a)
    {
        ArrayView<Quad<T>> left = SharedMemory.Allocate<Quad<T>>(2 * Buffer), right = SharedMemory.Allocate<Quad<T>>(2 * Buffer);
        int y = Group.IdxX / 16, x = Group.IdxX - y * 16;
        int rows = Grid.IdxY * RegisterGemm.Block, columns = Grid.IdxX * RegisterGemm.Block;
        int row = rows + 4 * y, column = columns + 4 * x;
        int sumsRow = a.HasRowSums != 0 && Grid.IdxX == 0 && Group.IdxX < RegisterGemm.Block ? Group.IdxX : -1;
        for (int batch = Grid.IdxZ; batch < a.Batches; batch += Grid.DimZ)
        {
            int area = batch * a.Target.M * a.Target.N, atA = a.WalkA[batch], atB = a.WalkB[batch];
            for (int t = 0; t < a.Terms; t++)
            {
                GemmFactors<T> term = a.Term(t);
                RegisterTile<T> tile = default;
                double rowSum = 0;
                int now = 0;
                Store(term.A.Form, left, now, Load(term.A, atA, rows, a.Target.M, 0, term.K));
                Store(term.B.Form, right, now, Load(term.B, atB, columns, a.Target.N, 0, term.K));
                Group.Barrier();
                for (int depth = 0; depth < term.K; depth += RegisterGemm.Depth)
                {
                    Quad<T> nextA = Load(term.A, atA, rows, a.Target.M, depth + RegisterGemm.Depth, term.K);
                    Quad<T> nextB = Load(term.B, atB, columns, a.Target.N, depth + RegisterGemm.Depth, term.K);
                    ArrayView<Quad<T>> fromY = left.SubView(now + y), fromX = right.SubView(now + x);
                    Step(ref tile, fromY, fromX, 0);
                    Step(ref tile, fromY, fromX, Pitch);
                    Step(ref tile, fromY, fromX, 2 * Pitch);
                    Step(ref tile, fromY, fromX, 3 * Pitch);
                    Step(ref tile, fromY, fromX, 4 * Pitch);
                    Step(ref tile, fromY, fromX, 5 * Pitch);
                    Step(ref tile, fromY, fromX, 6 * Pitch);
                    Step(ref tile, fromY, fromX, 7 * Pitch);
                    if (sumsRow >= 0)
                        for (int k = 0; k < RegisterGemm.Depth; k++)
                            rowSum += double.CreateTruncating(left.Cast<T>()[(now + k * Pitch) * 4 + sumsRow]);
                    now = Buffer - now;
                    Store(term.A.Form, left, now, nextA);
                    Store(term.B.Form, right, now, nextB);
                    Group.Barrier();
                }
                tile.Put(a.Target, area, row, column, Half, t == 0, t == a.Terms - 1);
                if (sumsRow >= 0 && rows + sumsRow < a.Target.M)
                {
                    T rounded = T.CreateTruncating(rowSum);
                    a.RowSums[rows + sumsRow] = a.RowSumsAdd != 0 || t > 0 ? a.RowSums[rows + sumsRow] + rounded : rounded;
                }
            }
            if (a.Target.Maps == 0) continue;
            for (int i = 0; i < 16; i++)
                a.Target.MapFour<TOp>(area, row + (i >> 3) * Half + ((i >> 1) & 3), column + (i & 1) * Half);
        }
    }

    /// <summary>One step of K: 8x8 multiply-adds from four shared loads.</summary>
    private static void Step(ref RegisterTile<T> tile, ArrayView<Quad<T>> fromY, ArrayView<Quad<T>> fromX, int further) =>
        tile.Add(fromY[further], fromY[further + Half / 4], fromX[further], fromX[further + Half / 4]);

    /// <summary>The lane's four elements of a panel of 128 by 8, neighbours in memory where the factor has neighbours.</summary>
    private static Quad<T> Load(GemmFactor<T> factor, int at, int outer, int outerEnd, int depth, int depthEnd)
    {
        int lane = Group.IdxX;
        return factor.Form == GemmForm.AlongDepth
            ? factor.Four(at, outer + (lane >> 1), outerEnd, depth + (lane & 1) * 4, depthEnd)
            : factor.Four(at, outer + (lane & 31) * 4, outerEnd, depth + (lane >> 5), depthEnd);
    }

    /// <summary>Puts them into shared memory as [depth][outer].</summary>
    private static void Store(int form, ArrayView<Quad<T>> shared, int at, Quad<T> four)
    {
        int lane = Group.IdxX;
        if (form == GemmForm.AlongDepth)
        {
            ArrayView<T> single = shared.Cast<T>();
            int i = (at + (lane & 1) * 4 * Pitch) * 4 + (lane >> 1);
            single[i] = four.X;
            single[i + 4 * Pitch] = four.Y;
            single[i + 8 * Pitch] = four.Z;
            single[i + 12 * Pitch] = four.W;
        }
        else
        {
            shared[at + (lane >> 5) * Pitch + (lane & 31)] = four;
        }
    }
}

/// <summary>The measures of <see cref="RegisterGemmKernel{TOp, T}"/>.</summary>
internal static class RegisterGemm
{
    /// <summary>Rows and columns of C per group.</summary>
    public const int Block = 128;

    /// <summary>Steps of K per round.</summary>
    public const int Depth = 8;

    /// <summary>Lanes per group.</summary>
    public const int Lanes = 256;
}
