using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = x - log Σ exp x, one group per row.  x, y:[rows, Length]</summary>
/// <remarks>Idea: as <see cref="SoftmaxKernel{T, TStored, TStorage}"/>.</remarks>
internal static class LogSoftmaxKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(SoftmaxArguments<T, TStored, TStorage> a)
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        ArrayView<double> sums = SharedMemory.Allocate<double>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        if (RowTile<T>.Fits(a.Length))
        {
            RowTile<T> x = RowTile<T>.Load(a.X, row, a.Length, a.IsAligned, T.NegativeInfinity);
            RowExpSum<T> sum = new() { Max = Reduce.Max(x.Largest(), shared) };
            sum.Sum = Reduce.Sum(x.Exp(RowExpSum<T>.Shift(sum.Max)).Total(), sums);
            x.Less(sum.LogShift).Put(a.Y, row, a.Length, a.IsAligned, a.Adds);
            return;
        }
        double lse = RowExpSum<T>.Of(a.X, row, a.Length, a.IsAligned, 0, shared, sums).LogShift;
        for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
        {
            Quad<T> y = RowFours.Less(RowFours.Load(a.X, row, i, a.Length, a.IsAligned, T.Zero), lse);
            RowFours.Put(a.Y, row, i, a.Length, a.IsAligned, a.Adds, y);
        }
    }
}
