using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = x, each stored in its own way, by <see cref="Elements"/>.</summary>
internal static class CopyKernel<T, TFrom, TRead, TTo, TWrite>
    where T : unmanaged, INumber<T>
    where TFrom : unmanaged
    where TRead : struct, IStorage<TFrom, T>
    where TTo : unmanaged
    where TWrite : struct, IStorage<TTo, T>
{
    public static void Run(Arguments a) => Elements.Run<Arguments, T>(a, a.Count, a.InFours);

    public struct Arguments : IElements<T, Quad<T>>
    {
        public StoredView<T, TFrom, TRead> X;
        public StoredView<T, TTo, TWrite> Y;
        public Walk WalkX, WalkY;
        public int Count, Adds, InFours;

        public readonly T One(int i) => X[WalkX[i]];

        public readonly void Put(int i, T y) => Y.Put(WalkY[i], y, Adds);

        public readonly Quad<T> Four(int q) => X.Four(q);

        public readonly void Put(int q, Quad<T> y) => Y.Put(q, y, Adds);
    }
}
