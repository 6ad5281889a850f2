using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Σ x² in double over the tiles that a group takes in turn, one partial sum per group. A last tile that is not whole
/// fours goes one by one, like a view that starts in between.  sums:[groups]</summary>
internal static class SquaredNormKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(Reduce.MaxWarps);
        int tile = RowTile<T>.PerLane * Group.DimX;
        double sum = 0;
        for (long first = (long)Grid.IdxX * tile; first < a.Count; first += (long)a.Groups * tile)
        {
            int left = (int)(a.Count - first), isAligned = left >= tile || left % 4 == 0 ? a.IsAligned : 0;
            sum += RowTile<T>.Load(a.X, first, left, isAligned, T.Zero).SumOfSquares();
        }
        sum = Reduce.Sum(sum, shared);
        if (Group.IdxX == 0) a.Sums[Grid.IdxX] = sum;
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X;
        public ArrayView<double> Sums;
        public int Groups, Count, IsAligned;
    }
}
