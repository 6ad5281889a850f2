using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dx = rms·(g - x̂·mean(g⊙x̂)) with g = dy⊙gamma and x̂ = x·rms, one group per row.
/// x, dy, dx:[rows, Length]  gamma:[Length]  rms:[rows]</summary>
internal static class RmsNormInputGradientKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        T rms = a.Rms[Grid.IdxX], dot = T.Zero;
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX)
        {
            T g = a.Dy[row + i];
            if (a.HasGamma != 0) g *= a.Gamma[i];
            dot += g * (a.X[row + i] * rms);
        }
        T meanDot = Reduce.Sum(dot, shared) / a.Count;
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX)
        {
            T g = a.Dy[row + i];
            if (a.HasGamma != 0) g *= a.Gamma[i];
            T dx = rms * (g - a.X[row + i] * rms * meanDot);
            a.Dx[row + i] = a.Adds != 0 ? a.Dx[row + i] + dx : dx;
        }
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X, Dy, Dx;
        public ArrayView<T> Gamma, Rms;
        public T Count;
        public int Length, HasGamma, Adds;
    }
}
