using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dx = factor·(g - mean(g) - x̂·mean(g⊙x̂)) with g = dy⊙gamma and x̂ = (x - mean)·factor, one group per row, which
/// reads it once where it fits into registers; without a mean, both are 0: RMS norm.  x, dy, dx:[rows, Length]  gamma:[Length]
/// mean, factor:[rows]</summary>
internal static class NormInputGradientKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        T mean = a.HasMean != 0 ? a.Mean[Grid.IdxX] : T.Zero, factor = a.Factor[Grid.IdxX], meanG = T.Zero;
        if (RowTile<T>.Fits(a.Length))
        {
            RowTile<T> g = RowTile<T>.Load(a.Dy, row, a.Length, a.IsAligned, T.Zero);
            if (a.HasGamma != 0) g = g.Times(RowTile<T>.Load(a.Gamma, 0, a.Length, a.IsAligned, T.Zero));
            RowTile<T> x = RowTile<T>.Load(a.X, row, a.Length, a.IsAligned, T.Zero).Minus(mean).Scaled(factor);
            if (a.HasMean != 0) meanG = Reduce.Sum(g.Sum(), shared) / a.Count;
            T mixed = Reduce.Sum(g.Times(x).Sum(), shared) / a.Count;
            g.Minus(meanG).MinusProduct(x, mixed).Scaled(factor).Put(a.Dx, row, a.Length, a.IsAligned, a.Adds);
            return;
        }
        T sum = T.Zero, dot = T.Zero;
        for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
        {
            Quad<T> g = Slopes(a, row, i);
            sum += RowFours.Sum(g);
            dot += RowFours.Sum(g.Times(Normed(a, row, i, mean, factor)));
        }
        if (a.HasMean != 0) meanG = Reduce.Sum(sum, shared) / a.Count;
        T meanDot = Reduce.Sum(dot, shared) / a.Count;
        for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
        {
            Quad<T> dx = RowFours.MinusProduct(
                RowFours.Minus(Slopes(a, row, i), meanG), Normed(a, row, i, mean, factor), meanDot);
            RowFours.Put(a.Dx, row, i, a.Length, a.IsAligned, a.Adds, dx.Times(factor));
        }
    }

    /// <summary>Four of g, zeros after the row's end.</summary>
    private static Quad<T> Slopes(Arguments a, long row, int i)
    {
        Quad<T> g = RowFours.Load(a.Dy, row, i, a.Length, a.IsAligned, T.Zero);
        return a.HasGamma != 0 ? g.Times(RowFours.Load(a.Gamma, 0, i, a.Length, a.IsAligned, T.Zero)) : g;
    }

    /// <summary>Four of x̂.</summary>
    private static Quad<T> Normed(Arguments a, long row, int i, T mean, T factor) =>
        RowFours.Minus(RowFours.Load(a.X, row, i, a.Length, a.IsAligned, T.Zero), mean).Times(factor);

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X, Dy, Dx;
        public StoredView<T, T, AsIs<T>> Gamma;
        public ArrayView<T> Mean, Factor;
        public T Count;
        public int Length, HasMean, HasGamma, Adds;

        /// <summary>1 where rows and gamma are whole fours that start at a four.</summary>
        public int IsAligned;
    }
}
