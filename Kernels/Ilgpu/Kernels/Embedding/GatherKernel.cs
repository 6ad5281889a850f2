using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y[n] = table[ids[n]], by <see cref="Elements"/>.  table:[V,C]  ids:[N]  y:[N,C]</summary>
internal static class GatherKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        if (IndexChecks.AllRight(a.Check)) Elements.Run<Arguments, T>(a, a.Count, a.InFours);
    }

    public struct Arguments : IElements<T, Quad<T>>
    {
        public StoredView<T, TStored, TStorage> Table, Y;
        public ArrayView<int> Ids;
        public ArrayView<long> Check;
        public int Count, Columns, Adds, InFours;

        public readonly T One(int i) => Table[Place(i, Columns)];

        public readonly void Put(int i, T y) => Y.Put(i, y, Adds);

        public readonly Quad<T> Four(int q) => Table.Four(Place(q, Columns >> 2));

        public readonly void Put(int q, Quad<T> y) => Y.Put(q, y, Adds);

        /// <summary>Where the table has what is number <paramref name="i"/> of y, in rows of so many.</summary>
        private readonly long Place(int i, int columns)
        {
            int n = i / columns;
            return (long)Ids[n] * columns + (i - n * columns);
        }
    }
}
