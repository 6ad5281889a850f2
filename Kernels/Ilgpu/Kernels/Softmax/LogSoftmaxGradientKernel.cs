using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dx = dy - exp(y)·Σ dy, one group per row, which reads it once where it fits into registers.
/// y, dy, dx:[rows, Length]</summary>
internal static class LogSoftmaxGradientKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(SoftmaxGradientArguments<T, TStored, TStorage> a)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        if (RowTile<T>.Fits(a.Length))
        {
            RowTile<T> y = RowTile<T>.Load(a.Y, row, a.Length, a.IsAligned, T.Zero);
            RowTile<T> dy = RowTile<T>.Load(a.Dy, row, a.Length, a.IsAligned, T.Zero);
            dy.MinusExp(y, Reduce.Sum(dy.Total(), shared)).Put(a.Dx, row, a.Length, a.IsAligned, a.Adds);
            return;
        }
        double sum = 0;
        for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX) sum += RowFours.Total(a.Load(a.Dy, row, i));
        sum = Reduce.Sum(sum, shared);
        for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
        {
            Quad<T> dx = RowFours.MinusExp(a.Load(a.Dy, row, i), a.Load(a.Y, row, i), sum);
            RowFours.Put(a.Dx, row, i, a.Length, a.IsAligned, a.Adds, dx);
        }
    }
}
