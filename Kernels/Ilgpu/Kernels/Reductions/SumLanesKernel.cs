using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One lane per sum, over one chunk of its terms; chunks along the grid's y. Where neighbouring sums are over
/// neighbouring elements, a lane has four of them and eight terms on their way. Each sum adds its terms ascending, either
/// way.  y:[chunks, Outputs]</summary>
internal static class SumLanesKernel<T, TFrom, TRead, TTo, TWrite>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TFrom : unmanaged
    where TRead : struct, IStorage<TFrom, T>
    where TTo : unmanaged
    where TWrite : struct, IStorage<TTo, T>
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

    private static T One(Arguments a, int start, int first, int end)
    {
        T sum = T.Zero;
        for (int i = first; i < end; i++) sum += a.X[start + a.WalkTerms[i]];
        return sum;
    }

    private static Quad<T> Four(Arguments a, int lane, int first, int end)
    {
        long step = a.WalkTerms.Step >> 2, at = lane + first * step;
        Quad<T> sum = new() { X = T.Zero, Y = T.Zero, Z = T.Zero, W = T.Zero };
        for (; first + 8 <= end; first += 8, at += 8 * step)
        {
            Quad<T> t0 = a.X.Four(at), t1 = a.X.Four(at + step), t2 = a.X.Four(at + 2 * step), t3 = a.X.Four(at + 3 * step);
            Quad<T> t4 = a.X.Four(at + 4 * step), t5 = a.X.Four(at + 5 * step), t6 = a.X.Four(at + 6 * step);
            Quad<T> t7 = a.X.Four(at + 7 * step);
            sum = sum.Plus(t0).Plus(t1).Plus(t2).Plus(t3).Plus(t4).Plus(t5).Plus(t6).Plus(t7);
        }
        for (; first < end; first++, at += step) sum = sum.Plus(a.X.Four(at));
        return sum;
    }

    public struct Arguments
    {
        public StoredView<T, TFrom, TRead> X;
        public StoredView<T, TTo, TWrite> Y;
        public Walk WalkOutputs, WalkTerms;
        public int Outputs, Terms, ChunkTerms, Adds, InFours;
    }
}
