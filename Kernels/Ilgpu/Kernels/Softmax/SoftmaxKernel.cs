using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = exp(x - max x) / Σ exp(x - max x), one group per row.  x, y:[rows, Length]</summary>
internal static class SoftmaxKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        T max = T.NegativeInfinity;
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX) max = Reduce.Larger(max, a.X[row + i]);
        max = Reduce.Max(max, shared);
        T sum = T.Zero;
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX) sum += T.Exp(a.X[row + i] - max);
        sum = Reduce.Sum(sum, shared);
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX)
        {
            T y = T.Exp(a.X[row + i] - max) / sum;
            a.Y[row + i] = a.Adds != 0 ? a.Y[row + i] + y : y;
        }
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X, Y;
        public int Length, Adds;
    }
}
