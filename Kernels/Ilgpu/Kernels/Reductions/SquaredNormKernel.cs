using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Σ x² in double over the elements that a group takes in turn, one partial sum per group.  sums:[groups]</summary>
internal static class SquaredNormKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(Reduce.MaxWarps);
        double sum = 0;
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < a.Count; i += a.Stride)
        {
            double x = double.CreateTruncating(a.X[i]);
            sum += x * x;
        }
        sum = Reduce.Sum(sum, shared);
        if (Group.IdxX == 0) a.Sums[Grid.IdxX] = sum;
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X;
        public ArrayView<double> Sums;

        /// <summary>Lanes in the whole grid.</summary>
        public int Stride;

        public int Count;
    }
}
