using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = (x - mean)·factor·gamma + beta with factor = 1/√(mean((x - mean)²) + ε), one group per row; without a mean, which
/// is then 0, RMS norm.  x, y:[rows, Length]  gamma, beta:[Length]  mean, factor:[rows]</summary>
/// <remarks>Idea: two passes for the statistics, the mean and then the mean squared distance from it, over a row that stays in
/// registers where it fits.</remarks>
internal static class NormKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        T mean = T.Zero, factor = T.Zero;
        if (RowTile<T>.Fits(a.Length))
        {
            RowTile<T> x = RowTile<T>.Load(a.X, row, a.Length, a.IsAligned, T.Zero);
            if (a.HasMean != 0) mean = Reduce.Sum(x.Sum(), shared) / a.Count;
            x = x.Distances(mean, a.Length);
            factor = Factor(a, Reduce.Sum(x.Times(x).Sum(), shared));
            x = x.Scaled(factor);
            if (a.HasGamma != 0) x = x.Times(RowTile<T>.Load(a.Gamma, 0, a.Length, a.IsAligned, T.Zero));
            if (a.HasBeta != 0) x = x.Plus(RowTile<T>.Load(a.Beta, 0, a.Length, a.IsAligned, T.Zero));
            x.Put(a.Y, row, a.Length, a.IsAligned, a.Adds);
        }
        else
        {
            T sum = T.Zero, squares = T.Zero;
            for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX) sum += RowFours.Sum(Load(a, row, i));
            if (a.HasMean != 0) mean = Reduce.Sum(sum, shared) / a.Count;
            for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
            {
                Quad<T> distances = RowFours.Distances(Load(a, row, i), mean, i, a.Length);
                squares += RowFours.Sum(distances.Times(distances));
            }
            factor = Factor(a, Reduce.Sum(squares, shared));
            for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
            {
                Quad<T> y = RowFours.Minus(Load(a, row, i), mean).Times(factor);
                if (a.HasGamma != 0) y = y.Times(RowFours.Load(a.Gamma, 0, i, a.Length, a.IsAligned, T.Zero));
                if (a.HasBeta != 0) y = y.Plus(RowFours.Load(a.Beta, 0, i, a.Length, a.IsAligned, T.Zero));
                RowFours.Put(a.Y, row, i, a.Length, a.IsAligned, a.Adds, y);
            }
        }
        if (Group.IdxX != 0) return;
        if (a.HasMean != 0) a.Mean[Grid.IdxX] = mean;
        a.Factor[Grid.IdxX] = factor;
    }

    private static T Factor(Arguments a, T squares) => T.One / T.Sqrt(squares / a.Count + a.Epsilon);

    private static Quad<T> Load(Arguments a, long row, int i) => RowFours.Load(a.X, row, i, a.Length, a.IsAligned, T.Zero);

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X, Y;
        public StoredView<T, T, AsIs<T>> Gamma, Beta;
        public ArrayView<T> Mean, Factor;
        public T Epsilon, Count;
        public int Length, HasMean, HasGamma, HasBeta, Adds;

        /// <summary>1 where rows, gamma and beta are whole fours that start at a four.</summary>
        public int IsAligned;
    }
}
