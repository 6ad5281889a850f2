using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dx = y ⊙ (dy - Σ y⊙dy), one group per row, which reads it once where it fits into registers.
/// y, dy, dx:[rows, Length]</summary>
internal static class SoftmaxGradientKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(SoftmaxGradientArguments<T, TStored, TStorage> a)
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        if (RowTile<T>.Fits(a.Length))
        {
            RowTile<T> y = RowTile<T>.Load(a.Y, row, a.Length, a.IsAligned, T.Zero);
            RowTile<T> dy = RowTile<T>.Load(a.Dy, row, a.Length, a.IsAligned, T.Zero);
            y.Times(dy.Minus(Reduce.Sum(y.Times(dy).Sum(), shared))).Put(a.Dx, row, a.Length, a.IsAligned, a.Adds);
            return;
        }
        T dot = T.Zero;
        for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
            dot += RowFours.Sum(a.Load(a.Y, row, i).Times(a.Load(a.Dy, row, i)));
        dot = Reduce.Sum(dot, shared);
        for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
        {
            Quad<T> dx = a.Load(a.Y, row, i).Times(RowFours.Minus(a.Load(a.Dy, row, i), dot));
            RowFours.Put(a.Dx, row, i, a.Length, a.IsAligned, a.Adds, dx);
        }
    }
}
