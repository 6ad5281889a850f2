using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dx = y ⊙ (dy - Σ y⊙dy), one group per row.  y, dy, dx:[rows, Length]</summary>
internal static class SoftmaxGradientKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        T dot = T.Zero;
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX) dot += a.Y[row + i] * a.Dy[row + i];
        dot = Reduce.Sum(dot, shared);
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX)
        {
            T dx = a.Y[row + i] * (a.Dy[row + i] - dot);
            a.Dx[row + i] = a.Adds != 0 ? a.Dx[row + i] + dx : dx;
        }
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> Y, Dy, Dx;
        public int Length, Adds;
    }
}
