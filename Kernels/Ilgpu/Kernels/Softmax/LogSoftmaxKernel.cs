using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = x - log Σ exp x, one group per row.  x, y:[rows, Length]</summary>
internal static class LogSoftmaxKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        T lse = Reduce.LogSumExp(a.X, row, a.Length, shared);
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX)
        {
            T y = a.X[row + i] - lse;
            a.Y[row + i] = a.Adds != 0 ? a.Y[row + i] + y : y;
        }
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X, Y;
        public int Length, Adds;
    }
}
