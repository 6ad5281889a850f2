namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dx = y ⊙ (dy - Σ y⊙dy), one group per row, which reads it once where it fits into registers.
/// y, dy, dx:[rows, Length]</summary>
internal static class SoftmaxGradientKernel<TStored, TStorage>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, double>
{
    public static void Run(SoftmaxGradientArguments<double, TStored, TStorage> a)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        if (RowTile<double>.Fits(a.Length))
        {
            RowTile<double> y = RowTile<double>.Load(a.Y, row, a.Length, a.IsAligned, 0);
            RowTile<double> dy = RowTile<double>.Load(a.Dy, row, a.Length, a.IsAligned, 0);
            y.Times(dy.Minus(Reduce.Sum(y.Times(dy).Sum(), shared))).Put(a.Dx, row, a.Length, a.IsAligned, a.Adds);
            return;
        }
        double dot = 0;
        for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
            dot += RowFours.Sum(a.Load(a.Y, row, i).Times(a.Load(a.Dy, row, i)));
        dot = Reduce.Sum(dot, shared);
        for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
        {
            Quad<double> dx = a.Load(a.Y, row, i).Times(RowFours.Minus(a.Load(a.Dy, row, i), dot));
            RowFours.Put(a.Dx, row, i, a.Length, a.IsAligned, a.Adds, dx);
        }
    }
}
