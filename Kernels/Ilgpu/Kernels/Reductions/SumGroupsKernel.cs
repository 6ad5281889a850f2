using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One group per sum, for sums over the inner axis: tile by tile where the terms lie one after the other, else the lanes
/// side by side over them.  y:[outputs]</summary>
internal static class SumGroupsKernel<T, TFrom, TRead, TTo, TWrite>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TFrom : unmanaged
    where TRead : struct, IStorage<TFrom, T>
    where TTo : unmanaged
    where TWrite : struct, IStorage<TTo, T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        int start = a.WalkOutputs[Grid.IdxX], tile = RowTile<T>.PerLane * Group.DimX;
        T sum = T.Zero;
        if (a.WalkTerms.IsDense)
        {
            for (int i = 0; i < a.Terms; i += tile)
                sum += RowTile<T>.Load(a.X, start + i, a.Terms - i, a.IsAligned, T.Zero).Sum();
        }
        else
        {
            for (int i = Group.IdxX; i < a.Terms; i += Group.DimX) sum += a.X[start + a.WalkTerms[i]];
        }
        sum = Reduce.Sum(sum, shared);
        if (Group.IdxX == 0) a.Y.Put(Grid.IdxX, sum, a.Adds);
    }

    public struct Arguments
    {
        public StoredView<T, TFrom, TRead> X;
        public StoredView<T, TTo, TWrite> Y;
        public Walk WalkOutputs, WalkTerms;
        public int Terms, Adds, IsAligned;
    }
}
