using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace AutogradCore.Kernels.Host;

/// <summary>y = x or y += x where neighbours in y's rows lie a distance apart in x, and neighbours in x along the axis
/// before.</summary>
/// <remarks>
/// Idea: squares of 16 by 16 go through a buffer in the first-level cache, so that every cache line of x is read once as a
/// whole and
/// every line of y written once as a whole, however many of them fall into one set of the caches. An item is a strip of 16
/// rows of y.
/// Scalar equivalent: y[i, j] = x[i, j].
/// </remarks>
internal readonly unsafe struct TransposedCopy<T>(View x, View y, bool add) : IRange
    where T : unmanaged
{
    private const int Side = 16;

    private readonly View _x = x, _y = y;

    /// <summary>Strips in the whole copy.</summary>
    public static int Strips(in View y) => y.Shape.Take(y.Shape.Rank - 2).ElementCount * InMatrix(y);

    private static int InMatrix(in View y) => (y.Shape[^2] + Side - 1) / Side;

    /// <inheritdoc/>
    [SkipLocalsInit]
    public void Run(int begin, int end)
    {
        T* square = stackalloc T[Side * Side];
        int rows = _y.Shape[^2], columns = _y.Shape.Last, strips = InMatrix(_y);
        nint stepX = StridedRows.Step(_x), stepY = _y.Stride(_y.Shape.Rank - 2);
        for (int strip = begin; strip < end; strip++)
        {
            (int matrix, int first) = Math.DivRem(strip, strips);
            first *= Side;
            int height = Math.Min(Side, rows - first);
            T* from = StridedRows.At<T>(_x, (matrix * rows) + first), to = StridedRows.At<T>(_y, (matrix * rows) + first);
            for (int j = 0; j < columns; j += Side)
            {
                int width = Math.Min(Side, columns - j);
                Turn(from + (j * stepX), stepX, height, width, square);
                for (int i = 0; i < height; i++)
                    CopyRange<T>.Row(square + (i * Side), to + (i * stepY) + j, width, add);
            }
        }
    }

    /// <summary>square[i, j] = from[j·step + i].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn(T* from, nint step, int height, int width, T* square)
    {
        if (typeof(T) == typeof(float) && Avx512F.IsSupported && height == Side && width == Side)
        {
            GemmTranspose.Blocks((float*)from, step, Side, Side, (float*)square, Side);
            return;
        }

        for (int j = 0; j < width; j++, from += step)
            for (int i = 0; i < height; i++)
                square[(i * Side) + j] = from[i];
    }
}
