using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>The largest along an axis and its first position, one group per result; NaN wins, and the first NaN among several.
/// x:[outer, Length, Inner]  y, index:[outer, Inner]</summary>
internal static class MaxKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> values = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        ArrayView<int> positions = SharedMemory.Allocate<int>(Reduce.MaxWarps);
        long start = (long)(Grid.IdxX / a.Inner) * a.Length * a.Inner + Grid.IdxX % a.Inner;
        T best = T.NegativeInfinity;
        int at = a.Length;
        for (int i = Group.IdxX; i < a.Length; i += Group.DimX)
        {
            T value = a.X[start + (long)i * a.Inner];
            if (!Wins(value, i, best, at)) continue;
            best = value;
            at = i;
        }
        for (int mask = Warp.WarpSize / 2; mask > 0; mask /= 2)
        {
            T value = Warp.ShuffleXor(best, mask);
            int position = Warp.ShuffleXor(at, mask);
            if (!Wins(value, position, best, at)) continue;
            best = value;
            at = position;
        }
        if (Warp.LaneIdx == 0)
        {
            values[Warp.WarpIdx] = best;
            positions[Warp.WarpIdx] = at;
        }
        Group.Barrier();
        if (Group.IdxX != 0) return;
        for (int warp = 1; warp < Group.DimX / Warp.WarpSize; warp++)
        {
            if (!Wins(values[warp], positions[warp], best, at)) continue;
            best = values[warp];
            at = positions[warp];
        }
        a.Y[Grid.IdxX] = best;
        a.Index[Grid.IdxX] = at < a.Length ? at : 0;
    }

    /// <summary>Whether a value at its position comes before the best so far: larger, or NaN, or equal and earlier.</summary>
    private static bool Wins(T value, int position, T best, int at)
    {
        if (T.IsNaN(value)) return !T.IsNaN(best) || position < at;
        return value > best || (value == best && position < at);
    }

    public struct Arguments
    {
        public ArrayView<T> X, Y;
        public ArrayView<int> Index;
        public int Length, Inner;
    }
}
