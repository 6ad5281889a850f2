namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dx = factor·(g - mean(g) - x̂·mean(g⊙x̂)) with g = dy⊙gamma and x̂ = (x - mean)·factor, one group per row, which
/// reads it once where it fits into registers; without a mean, both are 0: RMS norm. In double.
/// x, dy, dx:[rows, Length]  gamma:[Length]  mean, factor:[rows]</summary>
internal static class NormInputGradientKernel<TStored, TStorage, TGain, TGainStorage>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, double>
    where TGain : unmanaged
    where TGainStorage : struct, IStorage<TGain, double>
{
    public static void Run(Arguments a)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        double mean = a.HasMean != 0 ? a.Mean[Grid.IdxX] : 0, factor = a.Factor[Grid.IdxX], meanG = 0;
        if (RowTile<double>.Fits(a.Length))
        {
            RowTile<double> g = RowTile<double>.Load(a.Dy, row, a.Length, a.IsAligned, 0);
            if (a.HasGamma != 0) g = g.Times(RowTile<double>.Load(a.Gamma, 0, a.Length, a.IsAligned, 0));
            RowTile<double> x = RowTile<double>.Load(a.X, row, a.Length, a.IsAligned, 0).Minus(mean).Scaled(factor);
            if (a.HasMean != 0) meanG = Reduce.Sum(g.Sum(), shared) / a.Count;
            double mixed = Reduce.Sum(g.Times(x).Sum(), shared) / a.Count;
            g.Minus(meanG).MinusProduct(x, mixed).Scaled(factor).Put(a.Dx, row, a.Length, a.IsAligned, a.Adds);
            return;
        }
        double sum = 0, dot = 0;
        for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
        {
            Quad<double> g = Slopes(a, row, i);
            sum += RowFours.Sum(g);
            dot += RowFours.Sum(g.Times(Normed(a, row, i, mean, factor)));
        }
        if (a.HasMean != 0) meanG = Reduce.Sum(sum, shared) / a.Count;
        double meanDot = Reduce.Sum(dot, shared) / a.Count;
        for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
        {
            Quad<double> dx = RowFours.MinusProduct(
                RowFours.Minus(Slopes(a, row, i), meanG), Normed(a, row, i, mean, factor), meanDot);
            RowFours.Put(a.Dx, row, i, a.Length, a.IsAligned, a.Adds, dx.Times(factor));
        }
    }

    /// <summary>Four of g, zeros after the row's end.</summary>
    private static Quad<double> Slopes(Arguments a, long row, int i)
    {
        Quad<double> g = RowFours.Load(a.Dy, row, i, a.Length, a.IsAligned, 0);
        return a.HasGamma != 0 ? g.Times(RowFours.Load(a.Gamma, 0, i, a.Length, a.IsAligned, 0)) : g;
    }

    /// <summary>Four of x̂.</summary>
    private static Quad<double> Normed(Arguments a, long row, int i, double mean, double factor) =>
        RowFours.Minus(RowFours.Load(a.X, row, i, a.Length, a.IsAligned, 0), mean).Times(factor);

    public struct Arguments
    {
        public StoredView<double, TStored, TStorage> X, Dy, Dx;
        public StoredView<double, TGain, TGainStorage> Gamma;
        public ArrayView<double> Mean, Factor;
        public double Count;
        public int Length, HasMean, HasGamma, Adds;

        /// <summary>1 where rows and gamma are whole fours that start at a four.</summary>
        public int IsAligned;
    }
}
