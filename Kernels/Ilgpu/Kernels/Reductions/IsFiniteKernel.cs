using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Raises a flag where an element is NaN or infinite, one lane per element.</summary>
internal static class IsFiniteKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= a.Count) return;
        T zero = a.X[i] - a.X[i]; // 0 exactly where x is finite
        if (zero != T.Zero) Atomic.Or(ref a.Flag[new Index1D(0)], 1);
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X;
        public ArrayView<int> Flag;
        public int Count;
    }
}
