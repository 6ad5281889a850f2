using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y[n] = table[ids[n]], one lane per element.  table:[V,C]  ids:[N]  y:[N,C]</summary>
internal static class GatherKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= a.Count || !IndexChecks.AllRight(a.Check)) return;
        int n = i / a.Columns;
        T x = a.Table[(long)a.Ids[n] * a.Columns + (i - n * a.Columns)];
        a.Y[i] = a.Adds != 0 ? a.Y[i] + x : x;
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> Table, Y;
        public ArrayView<int> Ids;
        public ArrayView<long> Check;
        public int Count, Columns, Adds;
    }
}
