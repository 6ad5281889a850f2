namespace AutogradCore.Kernels.Ilgpu;

/// <summary>Per chunk of rows and per column: Σ dy⊙(x - mean)·factor and, where wanted, Σ dy. One lane for four columns, so that
/// neighbours read neighbours, with four rows on their way, which it adds one after the other; chunks of rows along the grid's
/// y. Another launch adds the chunks in order.
/// x, dy:[rows, Length]  mean (or none), factor:[rows]  dots, sums:[chunks, Length]</summary>
internal static class NormWeightGradientKernel<TStored, TStorage>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, double>
{
    public static void Run(Arguments a)
    {
        int column = 4 * (Grid.IdxX * Group.DimX + Group.IdxX);
        if (column >= a.Length) return;
        int row = Grid.IdxY * a.ChunkRows, end = row + a.ChunkRows;
        if (end > a.Rows) end = a.Rows;
        Quad<double> sum = new() { X = 0, Y = 0, Z = 0, W = 0 }, dot = sum;
        for (; row + 4 <= end; row += 4)
        {
            Row r = Load(a, row, column), s = Load(a, row + 1, column), t = Load(a, row + 2, column);
            Row u = Load(a, row + 3, column);
            dot = dot.Plus(r.Product()).Plus(s.Product()).Plus(t.Product()).Plus(u.Product());
            sum = sum.Plus(r.Dy).Plus(s.Dy).Plus(t.Dy).Plus(u.Dy);
        }
        for (; row < end; row++)
        {
            Row r = Load(a, row, column);
            dot = dot.Plus(r.Product());
            sum = sum.Plus(r.Dy);
        }
        long to = (long)Grid.IdxY * a.Length;
        if (a.WantsDots != 0) RowFours.Put(a.Dots, to, column, a.Length, a.IsAligned, 0, dot);
        if (a.WantsSums != 0) RowFours.Put(a.Sums, to, column, a.Length, a.IsAligned, 0, sum);
    }

    private static Row Load(Arguments a, int row, int column)
    {
        long at = (long)row * a.Length;
        return new()
        {
            Dy = RowFours.Load(a.Dy, at, column, a.Length, a.IsAligned, 0),
            X = RowFours.Load(a.X, at, column, a.Length, a.IsAligned, 0),
            Mean = a.HasMean != 0 ? a.Mean[row] : 0,
            Factor = a.Factor[row],
        };
    }

    /// <summary>Four columns of a row.</summary>
    private struct Row
    {
        public Quad<double> Dy, X;
        public double Mean, Factor;

        public readonly Quad<double> Product() => Dy.Times(RowFours.Minus(X, Mean).Times(Factor));
    }

    public struct Arguments
    {
        public StoredView<double, TStored, TStorage> X, Dy;
        public StoredView<double, double, AsIs<double>> Dots, Sums;
        public ArrayView<double> Mean, Factor;
        public int Rows, Length, ChunkRows, HasMean, WantsDots, WantsSums, IsAligned;
    }
}
