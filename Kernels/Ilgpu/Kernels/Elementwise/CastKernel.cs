using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = x in another element type, one lane per element.</summary>
internal static class CastKernel<TFrom, TTo, TConversion>
    where TFrom : unmanaged
    where TTo : unmanaged, INumber<TTo>
    where TConversion : struct, IConversion<TFrom, TTo>
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= a.Count) return;
        TTo x = TConversion.Apply(a.X[a.WalkX[i]]);
        int at = a.WalkY[i];
        a.Y[at] = a.Adds != 0 ? a.Y[at] + x : x;
    }

    public struct Arguments
    {
        public ArrayView<TFrom> X;
        public ArrayView<TTo> Y;
        public Walk WalkX, WalkY;
        public int Count, Adds;
    }
}
