using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = mask ? a : b, by <see cref="Elements"/>; an absent a or b is zero, and all three are stretched to y's
/// shape.</summary>
internal static class WhereKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a) => Elements.Run<Arguments, T>(a, a.Count, a.InFours);

    public struct Arguments : IElements<T, Quad<T>>
    {
        public ArrayView<byte> Mask;
        public StoredView<T, TStored, TStorage> A, B, Y;
        public Walk WalkMask, WalkA, WalkB, WalkY;
        public int Count, HasA, HasB, Adds, InFours;

        public readonly T One(int i)
        {
            if (Mask[WalkMask[i]] != 0) return HasA != 0 ? A[WalkA[i]] : T.Zero;
            return HasB != 0 ? B[WalkB[i]] : T.Zero;
        }

        public readonly void Put(int i, T y) => Y.Put(WalkY[i], y, Adds);

        public readonly Quad<T> Four(int q)
        {
            Quad<byte> mask = Mask.Cast<Quad<byte>>()[q];
            Quad<T> a = default, b = default;
            if (HasA != 0) a = A.Four(q);
            if (HasB != 0) b = B.Four(q);
            return new()
            {
                X = mask.X != 0 ? a.X : b.X,
                Y = mask.Y != 0 ? a.Y : b.Y,
                Z = mask.Z != 0 ? a.Z : b.Z,
                W = mask.W != 0 ? a.W : b.W,
            };
        }

        public readonly void Put(int q, Quad<T> y) => Y.Put(q, y, Adds);
    }
}
