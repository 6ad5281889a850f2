namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = (x - mean)·factor·gamma + beta with factor = 1/√(mean((x - mean)²) + ε), one group per row; without a mean, which
/// is then 0, RMS norm.  x, y:[rows, Length]  gamma, beta:[Length]  mean, factor:[rows]</summary>
/// <remarks>Idea: two passes for the statistics, the mean and then the mean squared distance from it, over a row that stays in
/// registers where it fits; all in double.</remarks>
internal static class NormKernel<TStored, TStorage, TGain, TGainStorage>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, double>
    where TGain : unmanaged
    where TGainStorage : struct, IStorage<TGain, double>
{
    public static void Run(Arguments a)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Length;
        double mean = 0, factor = 0;
        if (RowTile<double>.Fits(a.Length))
        {
            RowTile<double> x = RowTile<double>.Load(a.X, row, a.Length, a.IsAligned, 0);
            if (a.HasMean != 0) mean = Reduce.Sum(x.Sum(), shared) / a.Count;
            x = x.Distances(mean, a.Length);
            factor = Factor(a, Reduce.Sum(x.Times(x).Sum(), shared));
            x = x.Scaled(factor);
            if (a.HasGamma != 0) x = x.Times(RowTile<double>.Load(a.Gamma, 0, a.Length, a.IsAligned, 0));
            if (a.HasBeta != 0) x = x.Plus(RowTile<double>.Load(a.Beta, 0, a.Length, a.IsAligned, 0));
            x.Put(a.Y, row, a.Length, a.IsAligned, a.Adds);
        }
        else
        {
            double sum = 0, squares = 0;
            for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX) sum += RowFours.Sum(Load(a, row, i));
            if (a.HasMean != 0) mean = Reduce.Sum(sum, shared) / a.Count;
            for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
            {
                Quad<double> distances = RowFours.Distances(Load(a, row, i), mean, i, a.Length);
                squares += RowFours.Sum(distances.Times(distances));
            }
            factor = Factor(a, Reduce.Sum(squares, shared));
            for (int i = 4 * Group.IdxX; i < a.Length; i += 4 * Group.DimX)
            {
                Quad<double> y = RowFours.Minus(Load(a, row, i), mean).Times(factor);
                if (a.HasGamma != 0) y = y.Times(RowFours.Load(a.Gamma, 0, i, a.Length, a.IsAligned, 0));
                if (a.HasBeta != 0) y = y.Plus(RowFours.Load(a.Beta, 0, i, a.Length, a.IsAligned, 0));
                RowFours.Put(a.Y, row, i, a.Length, a.IsAligned, a.Adds, y);
            }
        }
        if (Group.IdxX != 0) return;
        if (a.HasMean != 0) a.Mean[Grid.IdxX] = mean;
        a.Factor[Grid.IdxX] = factor;
    }

    private static double Factor(Arguments a, double squares) => 1 / double.Sqrt(squares / a.Count + a.Epsilon);

    private static Quad<double> Load(Arguments a, long row, int i) => RowFours.Load(a.X, row, i, a.Length, a.IsAligned, 0);

    public struct Arguments
    {
        public StoredView<double, TStored, TStorage> X, Y;
        public StoredView<double, TGain, TGainStorage> Gamma, Beta;
        public ArrayView<double> Mean, Factor;
        public double Epsilon, Count;
        public int Length, HasMean, HasGamma, HasBeta, Adds;

        /// <summary>1 where rows, gamma and beta are whole fours that start at a four.</summary>
        public int IsAligned;
    }
}
