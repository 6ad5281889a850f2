using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = scale·x + shift, one lane per element.</summary>
internal static class AffineKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= a.Count) return;
        T y = a.Scale * a.X[a.WalkX[i]] + a.Shift;
        int at = a.WalkY[i];
        a.Y[at] = a.Adds != 0 ? a.Y[at] + y : y;
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> X, Y;
        public Walk WalkX, WalkY;
        public T Scale, Shift;
        public int Count, Adds;
    }
}
