using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The largest element m of a row and Σ exp(x - m), in one pass over it: what was summed shrinks where a larger element
/// comes (Milakov &amp; Gimelshein 2018).</summary>
internal struct RowExpSum<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The largest; NaN wins.</summary>
    public T Max;

    /// <summary>Σ exp(x - Max) in double, where that is finite.</summary>
    public double Sum;

    /// <summary>Σ x in double.</summary>
    public double Total;

    /// <summary>log Σ exp: -∞ when every element is -∞, +∞ when one is +∞, NaN when one is NaN.</summary>
    public readonly double Log => Max == T.NegativeInfinity || Max == T.PositiveInfinity
        ? double.CreateTruncating(Max)
        : double.CreateTruncating(Max) + Math.Log(Sum);

    /// <summary><see cref="Log"/> as it is subtracted: 0 for a row of -∞ alone, whose logarithms stay -∞.</summary>
    public readonly double LogShift => Max == T.NegativeInfinity ? 0 : Log;

    /// <summary>What exponentials are divided by: 1 where all are 0, so that a row of -∞ alone gives zeros.</summary>
    public static T Divisor(T sum) => sum == T.Zero ? T.One : sum;

    /// <summary>Of a whole row, in every lane of its group.</summary>
    public static RowExpSum<T> Of<TStored, TStorage>(
        StoredView<T, TStored, TStorage> x, long row, int length, int isAligned, int totals, ArrayView<T> shared,
        ArrayView<double> sums)
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        T max = T.NegativeInfinity;
        double sum = 0, total = 0;
        for (int i = 4 * Group.IdxX; i < length; i += 4 * Group.DimX)
        {
            Quad<T> four = RowFours.Load(x, row, i, length, isAligned, T.NegativeInfinity);
            T larger = T.Max(max, RowFours.Largest(four)), shift = Shift(larger);
            sum = sum * double.CreateTruncating(T.Exp(max - shift)) + RowFours.Total(RowFours.Exp(four, shift));
            max = larger;
            if (totals != 0) total += RowFours.Total(RowFours.Load(x, row, i, length, isAligned, T.Zero));
        }
        T most = Reduce.Max(max, shared);
        sum = Reduce.Sum(sum * double.CreateTruncating(T.Exp(max - Shift(most))), sums);
        if (totals != 0) total = Reduce.Sum(total, sums);
        return new() { Max = most, Sum = sum, Total = total };
    }

    /// <summary>0 where nothing but -∞ has been seen, since -∞ - -∞ is NaN.</summary>
    public static T Shift(T max) => max == T.NegativeInfinity ? T.Zero : max;
}
