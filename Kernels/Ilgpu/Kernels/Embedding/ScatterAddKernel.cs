using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>dtable[id] += Σ dy[n] over the n with that id, ascending, in double and rounded once. One group per n; only the group
/// of an id's first occurrence goes on, and adds all later ones too: no row has two writers, so no float atomics, and the order
/// is fixed. Ids are looked at side by side, one after the other only where the one looked for is among them.
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
        if (IsAmong(a, id, 0, own, shared)) return;
        bool isAlone = !IsAmong(a, id, own + 1, a.Count, shared);
        long to = (long)id * a.Columns;
        for (int first = 0; first < a.Columns; first += 4 * Group.DimX)
        {
            int column = first + 4 * Group.IdxX;
            Quad<double> sum = RowFours.Wide(RowFours.Load(a.Dtable, to, column, a.Columns, a.IsAligned, T.Zero))
                .Plus(Row(a, own, column));
            for (int n = own + 1, end = n; !isAlone && n < a.Count; n = end)
            {
                end = n + Group.DimX < a.Count ? n + Group.DimX : a.Count;
                if (!IsAmong(a, id, n, end, shared)) continue;
                for (; n < end; n++)
                    if (a.Ids[n] == id) sum = sum.Plus(Row(a, n, column));
            }
            RowFours.Put(a.Dtable, to, column, a.Columns, a.IsAligned, 0, RowFours.Rounded<T>(sum));
        }
    }

    /// <summary>Whether the group finds the id there.</summary>
    private static bool IsAmong(Arguments a, int id, int first, int end, ArrayView<T> shared)
    {
        T found = T.Zero;
        for (int n = first + Group.IdxX; n < end; n += Group.DimX)
            if (a.Ids[n] == id) found = T.One;
        return Reduce.Max(found, shared) != T.Zero;
    }

    private static Quad<double> Row(Arguments a, int n, int column) =>
        RowFours.Wide(RowFours.Load(a.Dy, (long)n * a.Columns, column, a.Columns, a.IsAligned, T.Zero));

    public struct Arguments
    {
        public StoredView<T, TFrom, TRead> Dy;
        public StoredView<T, TTo, TWrite> Dtable;
        public ArrayView<int> Ids;
        public ArrayView<long> Check;
        public int Count, Columns, IsAligned;
    }
}
