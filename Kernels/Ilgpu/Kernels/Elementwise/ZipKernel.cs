using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = f(a, b), one lane per element; a and b stretched to y's shape.</summary>
internal static class ZipKernel<TOp, T, TStored, TStorage>
    where TOp : struct, IBinary<TOp>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= a.Count) return;
        T y = TOp.Apply(a.A[a.WalkA[i]], a.B[a.WalkB[i]]);
        int at = a.WalkY[i];
        a.Y[at] = a.Adds != 0 ? a.Y[at] + y : y;
    }

    public struct Arguments
    {
        public StoredView<T, TStored, TStorage> A, B, Y;
        public Walk WalkA, WalkB, WalkY;
        public int Count, Adds;
    }
}
