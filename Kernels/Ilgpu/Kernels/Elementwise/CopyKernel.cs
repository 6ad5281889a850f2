using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = x between strided views, one lane per element.</summary>
internal static class CopyKernel<T> where T : unmanaged, INumber<T>
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= a.Count) return;
        T x = a.X[a.WalkX[i]];
        int at = a.WalkY[i];
        a.Y[at] = a.Adds != 0 ? a.Y[at] + x : x;
    }

    public struct Arguments
    {
        public ArrayView<T> X, Y;
        public Walk WalkX, WalkY;
        public int Count, Adds;
    }
}
