using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>lse = log Σ exp of a row, and its loss (1-ε)·(lse - logit of the target) + ε·(lse - mean of the logits); 0 for a
/// row that does not count. One group per row, which reads it once.  logits:[rows, Classes]
/// targets, lse, losses:[rows]</summary>
internal static class CrossEntropyKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        if (!IndexChecks.AllRight(a.Check)) return;
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        ArrayView<double> sums = SharedMemory.Allocate<double>(Reduce.MaxWarps);
        long row = (long)Grid.IdxX * a.Classes;
        RowExpSum<T> sum = RowExpSum<T>.Of(a.Logits, row, a.Classes, a.IsAligned, a.Smooths, shared, sums);
        double lse = sum.Log;
        if (Group.IdxX != 0) return;
        a.Lse[Grid.IdxX] = lse;
        int target = a.Targets[Grid.IdxX];
        double loss = 0;
        if (target != a.Ignored)
        {
            loss = a.Kept * (lse - double.CreateTruncating(a.Logits[row + target]));
            if (a.Smooths != 0) loss += a.Smoothing * (lse - sum.Total / a.Classes);
        }
        a.Losses[Grid.IdxX] = loss;
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> Logits;
        public ArrayView<double> Lse, Losses;
        public ArrayView<int> Targets;
        public ArrayView<long> Check;
        public double Kept, Smoothing;
        public int Classes, Ignored, Smooths;

        /// <summary>1 where rows are whole fours that start at a four.</summary>
        public int IsAligned;
    }
}
