using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = scale·x + shift, by <see cref="Elements"/>.</summary>
internal static class AffineKernel<T, TStored, TStorage>
    where T : unmanaged, IFloatingPointIeee754<T>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, T>
{
    public static void Run(Arguments a) => Elements.Run<Arguments, T>(a, a.Count, a.InFours);

    public struct Arguments : IElements<T, Quad<T>>
    {
        public StoredView<T, TStored, TStorage> X, Y;
        public Walk WalkX, WalkY;
        public T Scale, Shift;
        public int Count, Adds, InFours;

        public readonly T One(int i) => Scale * X[WalkX[i]] + Shift;

        public readonly void Put(int i, T y) => Y.Put(WalkY[i], y, Adds);

        public readonly Quad<T> Four(int q)
        {
            Quad<T> x = X.Four(q);
            return new()
            {
                X = Scale * x.X + Shift,
                Y = Scale * x.Y + Shift,
                Z = Scale * x.Z + Shift,
                W = Scale * x.W + Shift,
            };
        }

        public readonly void Put(int q, Quad<T> y) => Y.Put(q, y, Adds);
    }
}
