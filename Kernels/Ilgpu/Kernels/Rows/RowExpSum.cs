using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The largest element m of a row and Σ exp(x - m), in one pass over it: what was summed shrinks where a larger element
/// comes (Milakov &amp; Gimelshein 2018).</summary>
internal struct RowExpSum<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The largest; NaN wins.</summary>
    public T Max;

    /// <summary>Σ exp(x - Max), where that is finite.</summary>
    public T Sum;

    /// <summary>Σ x</summary>
    public T Total;

    /// <summary>log Σ exp: -∞ when every element is -∞, +∞ when one is +∞, NaN when one is NaN.</summary>
    public readonly T Log =>
        Max == T.NegativeInfinity || Max == T.PositiveInfinity ? Max : Max + T.Log(Sum);

    /// <summary>What exponentials are divided by: 1 where all are 0, so that a row of -∞ alone gives zeros.</summary>
    public static T Divisor(T sum) => sum == T.Zero ? T.One : sum;

    /// <summary>Of a whole row, in every lane of its group.</summary>
    public static RowExpSum<T> Of<TStored, TStorage>(
        StoredView<T, TStored, TStorage> x, long row, int length, int isAligned, int totals, ArrayView<T> shared)
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        T max = T.NegativeInfinity, sum = T.Zero, total = T.Zero;
        for (int i = 4 * Group.IdxX; i < length; i += 4 * Group.DimX)
        {
            Quad<T> four = RowFours.Load(x, row, i, length, isAligned, T.NegativeInfinity);
            T larger = T.Max(max, RowFours.Largest(four)), shift = Shift(larger);
            sum = sum * T.Exp(max - shift) + RowFours.Sum(RowFours.Exp(four, shift));
            max = larger;
            if (totals != 0) total += RowFours.Sum(RowFours.Load(x, row, i, length, isAligned, T.Zero));
        }
        T most = Reduce.Max(max, shared);
        sum = Reduce.Sum(sum * T.Exp(max - Shift(most)), shared);
        if (totals != 0) total = Reduce.Sum(total, shared);
        return new() { Max = most, Sum = sum, Total = total };
    }

    /// <summary>0 where nothing but -∞ has been seen, since -∞ - -∞ is NaN.</summary>
    public static T Shift(T max) => max == T.NegativeInfinity ? T.Zero : max;
}
