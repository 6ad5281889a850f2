using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One lane per sum, over one chunk of its terms; chunks along the grid's y. Neighbouring lanes read neighbouring
/// elements where sums are over outer axes.  y:[chunks, Outputs]</summary>
internal static class SumLanesKernel<T, TFrom, TRead, TTo, TWrite>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TFrom : unmanaged
    where TRead : struct, IStorage<TFrom, T>
    where TTo : unmanaged
    where TWrite : struct, IStorage<TTo, T>
{
    public static void Run(Arguments a)
    {
        int output = Grid.IdxX * Group.DimX + Group.IdxX;
        if (output >= a.Outputs) return;
        int first = Grid.IdxY * a.ChunkTerms, end = first + a.ChunkTerms;
        if (end > a.Terms) end = a.Terms;
        int start = a.WalkOutputs[output];
        T sum = T.Zero;
        for (int i = first; i < end; i++) sum += a.X[start + a.WalkTerms[i]];
        long to = (long)Grid.IdxY * a.Outputs + output;
        a.Y[to] = a.Adds != 0 ? a.Y[to] + sum : sum;
    }

    public struct Arguments
    {
        public StoredView<T, TFrom, TRead> X;
        public StoredView<T, TTo, TWrite> Y;
        public Walk WalkOutputs, WalkTerms;
        public int Outputs, Terms, ChunkTerms, Adds;
    }
}
