using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Per chunk of rows and per column: Σ dy⊙(x - mean)·factor and, where wanted, Σ dy. One lane per column, so that
/// neighbours read neighbours; chunks of rows along the grid's y. Another launch adds the chunks in order.
/// x, dy:[rows, Length]  mean (or none), factor:[rows]  dots, sums:[chunks, Length]</summary>
internal static class NormWeightGradientKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        int column = Grid.IdxX * Group.DimX + Group.IdxX;
        if (column >= a.Length) return;
        int first = Grid.IdxY * a.ChunkRows, end = first + a.ChunkRows;
        if (end > a.Rows) end = a.Rows;
        T dot = T.Zero, sum = T.Zero;
        for (int row = first; row < end; row++)
        {
            long at = (long)row * a.Length + column;
            T g = a.Dy[at], x = a.X[at];
            if (a.HasMean != 0) x -= a.Mean[row];
            dot += g * (x * a.Factor[row]);
            sum += g;
        }
        long to = (long)Grid.IdxY * a.Length + column;
        if (a.WantsDots != 0) a.Dots[to] = dot;
        if (a.WantsSums != 0) a.Sums[to] = sum;
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X, Dy;
        public ArrayView<T> Mean, Factor, Dots, Sums;
        public int Rows, Length, ChunkRows, HasMean, WantsDots, WantsSums;
    }
}
