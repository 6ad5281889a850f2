namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One group per sum and chunk of its terms, in double, for sums over the inner axis: tile by tile where the terms lie
/// one after the other, else the lanes side by side over them. Chunks are whole tiles, along the grid's y.
/// y:[outputs, chunks]</summary>
internal static class SumGroupsKernel<TFrom, TRead, TTo, TWrite>
    where TFrom : unmanaged
    where TRead : struct, IStorage<TFrom, double>
    where TTo : unmanaged
    where TWrite : struct, IStorage<TTo, double>
{
    public static void Run(Arguments a)
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(Reduce.MaxWarps);
        int start = a.WalkOutputs[Grid.IdxX], tile = RowTile<double>.PerLane * Group.DimX;
        int first = Grid.IdxY * a.ChunkTerms, end = a.Terms - first > a.ChunkTerms ? first + a.ChunkTerms : a.Terms;
        double sum = 0;
        if (a.WalkTerms.IsDense)
        {
            for (int i = first; i < end; i += tile)
                sum += RowTile<double>.Load(a.X, start + i, end - i, a.IsAligned, 0).Sum();
        }
        else
        {
            for (int i = first + Group.IdxX; i < end; i += Group.DimX) sum += a.X[start + a.WalkTerms[i]];
        }
        sum = Reduce.Sum(sum, shared);
        if (Group.IdxX == 0) a.Y.Put((long)Grid.IdxX * a.Chunks + Grid.IdxY, sum, a.Adds);
    }

    public struct Arguments
    {
        public StoredView<double, TFrom, TRead> X;
        public StoredView<double, TTo, TWrite> Y;
        public Walk WalkOutputs, WalkTerms;
        public int Terms, ChunkTerms, Chunks, Adds, IsAligned;
    }
}
