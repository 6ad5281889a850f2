using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dx = rstd·(g - mean(g) - x̂·mean(g⊙x̂)) with g = dy⊙gamma and x̂ = (x - mean)·rstd, one group per row.
/// x, dy, dx:[rows, Length]  gamma:[Length]  mean, rstd:[rows]</summary>
internal static class LayerNormInputGradientKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        T mean = a.Mean[Grid.IdxX], rstd = a.Rstd[Grid.IdxX], sum = T.Zero, dot = T.Zero;
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX)
        {
            T g = a.Dy[row + i];
            if (a.HasGamma != 0) g *= a.Gamma[i];
            sum += g;
            dot += g * ((a.X[row + i] - mean) * rstd);
        }
        T meanG = Reduce.Sum(sum, shared) / a.Count, meanDot = Reduce.Sum(dot, shared) / a.Count;
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX)
        {
            T g = a.Dy[row + i];
            if (a.HasGamma != 0) g *= a.Gamma[i];
            T dx = rstd * (g - meanG - (a.X[row + i] - mean) * rstd * meanDot);
            a.Dx[row + i] = a.Adds != 0 ? a.Dx[row + i] + dx : dx;
        }
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X, Dy, Dx;
        public ArrayView<T> Gamma, Mean, Rstd;
        public T Count;
        public int Length, HasGamma, Adds;
    }
}
