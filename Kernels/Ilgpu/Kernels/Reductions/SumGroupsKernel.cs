using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One group per sum, its lanes side by side over the terms: for sums over the inner axis.  y:[outputs]</summary>
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
        int start = a.WalkOutputs[Grid.IdxX];
        T sum = T.Zero;
        for (int i = Group.IdxX; i < a.Terms; i += Group.DimX) sum += a.X[start + a.WalkTerms[i]];
        sum = Reduce.Sum(sum, shared);
        if (Group.IdxX == 0) a.Y[Grid.IdxX] = a.Adds != 0 ? a.Y[Grid.IdxX] + sum : sum;
    }

    public struct Arguments
    {
        public StoredView<T, TFrom, TRead> X;
        public StoredView<T, TTo, TWrite> Y;
        public Walk WalkOutputs, WalkTerms;
        public int Terms, Adds;
    }
}
