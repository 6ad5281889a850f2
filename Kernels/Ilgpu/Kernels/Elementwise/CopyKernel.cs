using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = x between strided views, each stored in its own way, one lane per element.</summary>
internal static class CopyKernel<T, TFrom, TRead, TTo, TWrite>
    where T : unmanaged, INumber<T>
    where TFrom : unmanaged
    where TRead : struct, IStorage<TFrom, T>
    where TTo : unmanaged
    where TWrite : struct, IStorage<TTo, T>
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= a.Count) return;
        T x = TRead.Load(a.X[a.WalkX[i]]);
        int at = a.WalkY[i];
        a.Y[at] = TWrite.Store(a.Adds != 0 ? TWrite.Load(a.Y[at]) + x : x);
    }

    public struct Arguments
    {
        public ArrayView<TFrom> X;
        public ArrayView<TTo> Y;
        public Walk WalkX, WalkY;
        public int Count, Adds;
    }
}
