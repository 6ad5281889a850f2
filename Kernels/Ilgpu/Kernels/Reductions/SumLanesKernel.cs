namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One lane per sum in double, over one chunk of its terms; chunks along the grid's y. Where neighbouring sums are over
/// neighbouring elements, a lane has four of them and eight terms on their way. Each sum adds its terms ascending, either
/// way.  y:[chunks, Outputs]</summary>
internal static class SumLanesKernel<TFrom, TRead, TTo, TWrite>
    where TFrom : unmanaged
    where TRead : struct, IStorage<TFrom, double>
    where TTo : unmanaged
    where TWrite : struct, IStorage<TTo, double>
{
    public static void Run(Arguments a)
    {
        int lane = Grid.IdxX * Group.DimX + Group.IdxX;
        int first = Grid.IdxY * a.ChunkTerms, end = first + a.ChunkTerms;
        if (end > a.Terms) end = a.Terms;
        long to = (long)Grid.IdxY * a.Outputs;
        if (a.InFours == 0)
        {
            if (lane < a.Outputs) a.Y.Put(to + lane, One(a, a.WalkOutputs[lane], first, end), a.Adds);
        }
        else if (4 * lane < a.Outputs)
        {
            a.Y.Put((to >> 2) + lane, Four(a, lane, first, end), a.Adds);
        }
    }

    private static double One(Arguments a, int start, int first, int end)
    {
        double sum = 0;
        for (int i = first; i < end; i++) sum += a.X[start + a.WalkTerms[i]];
        return sum;
    }

    private static Quad<double> Four(Arguments a, int lane, int first, int end)
    {
        long step = a.WalkTerms.Step >> 2, at = lane + first * step;
        Quad<double> sum = new() { X = 0, Y = 0, Z = 0, W = 0 };
        for (; first + 8 <= end; first += 8, at += 8 * step)
        {
            Quad<double> t0 = a.X.Four(at), t1 = a.X.Four(at + step), t2 = a.X.Four(at + 2 * step), t3 = a.X.Four(at + 3 * step);
            Quad<double> t4 = a.X.Four(at + 4 * step), t5 = a.X.Four(at + 5 * step), t6 = a.X.Four(at + 6 * step);
            Quad<double> t7 = a.X.Four(at + 7 * step);
            sum = sum.Plus(t0).Plus(t1).Plus(t2).Plus(t3).Plus(t4).Plus(t5).Plus(t6).Plus(t7);
        }
        for (; first < end; first++, at += step) sum = sum.Plus(a.X.Four(at));
        return sum;
    }

    public struct Arguments
    {
        public StoredView<double, TFrom, TRead> X;
        public StoredView<double, TTo, TWrite> Y;
        public Walk WalkOutputs, WalkTerms;
        public int Outputs, Terms, ChunkTerms, Adds, InFours;
    }
}
