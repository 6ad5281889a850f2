using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = f(a, b), by <see cref="Elements"/>; a and b stretched to y's shape.</summary>
internal static class ZipKernel<TOp, T, TStored, TStorage>
    where TOp : struct, IBinary<TOp>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a) => Elements.Run<Arguments, T>(a, a.Count, a.InFours);

    public struct Arguments : IElements<T, Quad<T>>
    {
        public StoredView<T, TStored, TStorage> A, B, Y;
        public Walk WalkA, WalkB, WalkY;
        public int Count, Adds, InFours;

        public readonly T One(int i) => TOp.Apply(A[WalkA[i]], B[WalkB[i]]);

        public readonly void Put(int i, T y) => Y.Put(WalkY[i], y, Adds);

        public readonly Quad<T> Four(int q)
        {
            Quad<T> a = A.Four(q), b = B.Four(q);
            return new()
            {
                X = TOp.Apply(a.X, b.X),
                Y = TOp.Apply(a.Y, b.Y),
                Z = TOp.Apply(a.Z, b.Z),
                W = TOp.Apply(a.W, b.W),
            };
        }

        public readonly void Put(int q, Quad<T> y) => Y.Put(q, y, Adds);
    }
}
