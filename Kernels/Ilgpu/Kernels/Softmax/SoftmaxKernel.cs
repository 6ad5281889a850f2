using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = exp(x - max x) / Σ exp(x - max x), one group per row.  x, y:[rows, Length]</summary>
/// <remarks>Idea: a row that fits stays in registers and is read once; a longer one is read twice, once for its largest element
/// and sum together (<see cref="RowExpSum{T}"/>).</remarks>
internal static class SoftmaxKernel<T, TStored, TStorage>
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
            RowTile<T> y = x.Exp(RowExpSum<T>.Shift(Reduce.Max(x.Largest(), shared)));
            T over = RowExpSum<T>.Divisor(T.CreateTruncating(Reduce.Sum(y.Total(), sums)));
            y.Over(over).Put(a.Y, row, a.Length, a.IsAligned, a.Adds);
            return;
        }
        RowExpSum<T> sum = RowExpSum<T>.Of(a.X, row, a.Length, a.IsAligned, 0, shared, sums);
        T shift = RowExpSum<T>.Shift(sum.Max), divisor = RowExpSum<T>.Divisor(T.CreateTruncating(sum.Sum));
        for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
        {
            Quad<T> x = RowFours.Load(a.X, row, i, a.Length, a.IsAligned, T.NegativeInfinity);
            Quad<T> y = RowFours.Over(RowFours.Exp(x, shift), divisor);
            RowFours.Put(a.Y, row, i, a.Length, a.IsAligned, a.Adds, y);
        }
    }
}
