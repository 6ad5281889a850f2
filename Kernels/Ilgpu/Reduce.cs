using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Reductions over the lanes of a group, in a fixed order: a butterfly within each warp, then the warps ascending.
/// Every lane gets the result. All lanes of the group must call, and groups are whole warps.</summary>
internal static class Reduce
{
    /// <summary>The length of the shared memory that the reductions need: one element per warp of the largest group.</summary>
    public const int MaxWarps = 128;

    /// <summary>Σ over the group.</summary>
    public static T Sum<T>(T value, ArrayView<T> shared) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int mask = Warp.WarpSize / 2; mask > 0; mask /= 2) value += Warp.ShuffleXor(value, mask);
        if (Group.DimX <= Warp.WarpSize) return value;
        if (Warp.LaneIdx == 0) shared[Warp.WarpIdx] = value;
        Group.Barrier();
        T total = shared[0];
        for (int warp = 1; warp < Group.DimX / Warp.WarpSize; warp++) total += shared[warp];
        Group.Barrier();
        return total;
    }

    /// <summary>The largest over the group; NaN wins.</summary>
    public static T Max<T>(T value, ArrayView<T> shared) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int mask = Warp.WarpSize / 2; mask > 0; mask /= 2) value = T.Max(value, Warp.ShuffleXor(value, mask));
        if (Group.DimX <= Warp.WarpSize) return value;
        if (Warp.LaneIdx == 0) shared[Warp.WarpIdx] = value;
        Group.Barrier();
        T largest = shared[0];
        for (int warp = 1; warp < Group.DimX / Warp.WarpSize; warp++) largest = T.Max(largest, shared[warp]);
        Group.Barrier();
        return largest;
    }
}
