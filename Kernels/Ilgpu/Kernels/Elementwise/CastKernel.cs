using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = x in another element type, by <see cref="Elements"/>.</summary>
internal static class CastKernel<TFrom, TTo, TConversion>
    where TFrom : unmanaged, INumber<TFrom>
    where TTo : unmanaged, INumber<TTo>
    where TConversion : struct, IConversion<TFrom, TTo>
{
    public static void Run(Arguments a) => Elements.Run<Arguments, TTo>(a, a.Count, a.InFours);

    public struct Arguments : IElements<TTo, Quad<TTo>>
    {
        public StoredView<TFrom, TFrom, AsIs<TFrom>> X;
        public StoredView<TTo, TTo, AsIs<TTo>> Y;
        public Walk WalkX, WalkY;
        public int Count, Adds, InFours;

        public readonly TTo One(int i) => TConversion.Apply(X[WalkX[i]]);

        public readonly void Put(int i, TTo y) => Y.Put(WalkY[i], y, Adds);

        public readonly Quad<TTo> Four(int q)
        {
            Quad<TFrom> x = X.Four(q);
            return new()
            {
                X = TConversion.Apply(x.X),
                Y = TConversion.Apply(x.Y),
                Z = TConversion.Apply(x.Z),
                W = TConversion.Apply(x.W),
            };
        }

        public readonly void Put(int q, Quad<TTo> y) => Y.Put(q, y, Adds);
    }
}
