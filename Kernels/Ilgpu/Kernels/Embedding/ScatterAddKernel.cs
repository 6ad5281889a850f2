using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dtable[id] += Σ dy[n] over the n with that id, ascending. One group per n; only the group of an id's first
/// occurrence goes on, and adds all later ones too: no row has two writers, so no float atomics, and the order is fixed.
/// dy:[N,C]  ids:[N]  dtable:[V,C]</summary>
internal static class ScatterAddKernel<T, TFrom, TRead, TTo, TWrite>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TFrom : unmanaged
    where TRead : struct, IStorage<TFrom, T>
    where TTo : unmanaged
    where TWrite : struct, IStorage<TTo, T>
{
    public static void Run(Arguments a)
    {
        ArrayView<T> shared = SharedMemory.Allocate<T>(Reduce.MaxWarps);
        if (!IndexChecks.AllRight(a.Check)) return;
        int own = Grid.IdxX, id = a.Ids[own];
        T earlier = T.Zero;
        for (int n = Group.IdxX; n < own; n += Group.DimX)
            if (a.Ids[n] == id) earlier = T.One;
        if (Reduce.Max(earlier, shared) != T.Zero) return;
        long to = (long)id * a.Columns;
        for (int column = 4 * Group.IdxX; column < a.Columns; column += 4 * Group.DimX)
        {
            Quad<T> sum = RowFours.Load(a.Dtable, to, column, a.Columns, a.IsAligned, T.Zero);
            for (int n = own; n < a.Count; n++)
                if (a.Ids[n] == id)
                    sum = sum.Plus(RowFours.Load(a.Dy, (long)n * a.Columns, column, a.Columns, a.IsAligned, T.Zero));
            RowFours.Put(a.Dtable, to, column, a.Columns, a.IsAligned, 0, sum);
        }
    }

    public struct Arguments
    {
        public StoredView<T, TFrom, TRead> Dy;
        public StoredView<T, TTo, TWrite> Dtable;
        public ArrayView<int> Ids;
        public ArrayView<long> Check;
        public int Count, Columns, IsAligned;
    }
}
