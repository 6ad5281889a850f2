using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = mask ? a : b, one lane per element; an absent a or b is zero, and all three are stretched to y's shape.</summary>
internal static class WhereKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= a.Count) return;
        T y = T.Zero;
        if (a.Mask[a.WalkMask[i]] != 0)
        {
            if (a.HasA != 0) y = a.A[a.WalkA[i]];
        }
        else if (a.HasB != 0)
        {
            y = a.B[a.WalkB[i]];
        }
        int at = a.WalkY[i];
        a.Y[at] = a.Adds != 0 ? a.Y[at] + y : y;
    }

    public struct Arguments
    {
        public ArrayView<byte> Mask;
        public StoredView<T, TStored, TStorage> A, B, Y;
        public Walk WalkMask, WalkA, WalkB, WalkY;
        public int Count, HasA, HasB, Adds;
    }
}
