using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = f(x), by <see cref="Elements"/>.</summary>
internal static class MapKernel<TOp, T, TStored, TStorage>
    where TOp : struct, IUnary<TOp>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a) => Elements.Run<Arguments, T>(a, a.Count, a.InFours);

    public struct Arguments : IElements<T, Quad<T>>
    {
        public StoredView<T, TStored, TStorage> X, Y;
        public Walk WalkX, WalkY;
        public int Count, Adds, InFours;

        public readonly T One(int i) => TOp.Apply(X[WalkX[i]]);

        public readonly void Put(int i, T y) => Y.Put(WalkY[i], y, Adds);

        public readonly Quad<T> Four(int q)
        {
            Quad<T> x = X.Four(q);
            return new() { X = TOp.Apply(x.X), Y = TOp.Apply(x.Y), Z = TOp.Apply(x.Z), W = TOp.Apply(x.W) };
        }

        public readonly void Put(int q, Quad<T> y) => Y.Put(q, y, Adds);
    }
}
