using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>scale = value · (1 in a sum, 1 / counted rows in a mean, 0 when no row counts), where value is the sum of
/// <c>Values</c>: the losses of all rows, or the one gradient of the loss. One group in all.</summary>
internal static class RowWeightKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static void Run(Arguments a)
    {
        if (a.IsChecked != 0 && !IndexChecks.AllRight(a.Check)) return;
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        T counted = T.Zero, sum = T.Zero;
        for (int i = Group.IdxX; i < a.Rows; i += Group.DimX)
            if (a.Targets[i] != a.Ignored) counted += T.One;
        for (int i = Group.IdxX; i < a.Count; i += Group.DimX) sum += a.Values[i];
        counted = Reduce.Sum(counted, shared);
        sum = Reduce.Sum(sum, shared);
        if (Group.IdxX != 0) return;
        a.Scale[0] = counted == T.Zero ? T.Zero : a.IsMean != 0 ? sum / counted : sum;
    }

    public struct Arguments
    {
        public ArrayView<T> Values, Scale;
        public ArrayView<int> Targets;
        public ArrayView<long> Check;
        public int Rows, Count, Ignored, IsMean, IsChecked;
    }
}
