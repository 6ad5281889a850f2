using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = (x - mean)·rstd·gamma + beta, one group per row; two passes for the statistics: the mean, then the mean squared
/// distance from it.  x, y:[rows, Length]  gamma, beta:[Length]  mean, rstd:[rows]</summary>
internal static class LayerNormKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        T sum = T.Zero, squares = T.Zero;
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX) sum += a.X[row + i];
        T mean = Reduce.Sum(sum, shared) / a.Count;
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX)
        {
            T distance = a.X[row + i] - mean;
            squares += distance * distance;
        }
        T rstd = T.One / T.Sqrt(Reduce.Sum(squares, shared) / a.Count + a.Epsilon);
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX)
        {
            T y = (a.X[row + i] - mean) * rstd;
            if (a.HasGamma != 0) y *= a.Gamma[i];
            if (a.HasBeta != 0) y += a.Beta[i];
            a.Y[row + i] = a.Adds != 0 ? a.Y[row + i] + y : y;
        }
        if (Group.IdxX != 0) return;
        a.Mean[Grid.IdxX] = mean;
        a.Rstd[Grid.IdxX] = rstd;
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X, Y;
        public ArrayView<T> Gamma, Beta, Mean, Rstd;
        public T Epsilon, Count;
        public int Length, HasGamma, HasBeta, Adds;
    }
}
