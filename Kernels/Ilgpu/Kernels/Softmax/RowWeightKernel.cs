using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>scale = value · (1 in a sum, 1 / counted rows in a mean, 0 when no row counts), where value is the sum of
/// <c>Values</c>: the losses of all rows, or the one gradient of the loss. One group in all, in double.</summary>
internal static class RowWeightKernel<TValue, TScale>
    where TValue : unmanaged, IFloatingPointIeee754<TValue>
    where TScale : unmanaged, IFloatingPointIeee754<TScale>
{
    public static void Run(Arguments a)
    {
        if (a.IsChecked != 0 && !IndexChecks.AllRight(a.Check)) return;
        ArrayView<double> shared = SharedMemory.Allocate<double>(Reduce.MaxWarps);
        double counted = 0, sum = 0;
        for (int i = Group.IdxX; i < a.Rows; i += Group.DimX)
            if (a.Targets[i] != a.Ignored) counted += 1;
        for (int i = Group.IdxX; i < a.Count; i += Group.DimX) sum += double.CreateTruncating(a.Values[i]);
        counted = Reduce.Sum(counted, shared);
        sum = Reduce.Sum(sum, shared);
        if (Group.IdxX != 0) return;
        a.Scale[0] = TScale.CreateTruncating(counted == 0 ? 0 : a.IsMean != 0 ? sum / counted : sum);
    }

    public struct Arguments
    {
        public ArrayView<TValue> Values;
        public ArrayView<TScale> Scale;
        public ArrayView<int> Targets;
        public ArrayView<long> Check;
        public int Rows, Count, Ignored, IsMean, IsChecked;
    }
}
