namespace AutogradCore.Kernels.Ilgpu;

/// <summary>A warp's finished sums on their way into C: row and column are those of the lane's first element.</summary>
internal static class RoundedTile<TStored, TStorage>
    where TStored : unmanaged
    where TStorage : struct, IFloatStorage<TStored>
{
    public static void Put(MmaTile x, RoundedTarget<TStored> c, int at, int row, int column, bool first, bool last)
    {
        PutRow(c, at, row, column, x.C00, x.C01, x.C02, x.C03, first, last);
        PutRow(c, at, row + 16, column, x.C10, x.C11, x.C12, x.C13, first, last);
        PutRow(c, at, row + 32, column, x.C20, x.C21, x.C22, x.C23, first, last);
        PutRow(c, at, row + 48, column, x.C30, x.C31, x.C32, x.C33, first, last);
    }

    private static void PutRow(RoundedTarget<TStored> c, int at, int row, int column,
        Quad<float> f0, Quad<float> f1, Quad<float> f2, Quad<float> f3, bool first, bool last)
    {
        PutFragment(c, at, row, column, f0, first, last);
        PutFragment(c, at, row, column + 8, f1, first, last);
        PutFragment(c, at, row, column + 16, f2, first, last);
        PutFragment(c, at, row, column + 24, f3, first, last);
    }

    /// <summary>A fragment's lane has two neighbours in one row and two in the row eight below.</summary>
    private static void PutFragment(
        RoundedTarget<TStored> c, int at, int row, int column, Quad<float> sums, bool first, bool last)
    {
        c.PutPair<TStorage>(at, row, column, sums.X, sums.Y, first, last);
        c.PutPair<TStorage>(at, row + 8, column, sums.Z, sums.W, first, last);
    }
}
