namespace AutogradCore.Kernels.Ilgpu;

/// <summary>y = scale·x + shift, by <see cref="Elements"/>, in double.</summary>
internal static class AffineKernel<TStored, TStorage>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, double>
{
    public static void Run(Arguments a) => Elements.Run<Arguments, double>(a, a.Count, a.InFours);

    public struct Arguments : IElements<double, Quad<double>>
    {
        public StoredView<double, TStored, TStorage> X, Y;
        public Walk WalkX, WalkY;
        public double Scale, Shift;
        public int Count, Adds, InFours;

        public readonly double One(int i) => Scale * X[WalkX[i]] + Shift;

        public readonly void Put(int i, double y) => Y.Put(WalkY[i], y, Adds);

        public readonly Quad<double> Four(int q)
        {
            Quad<double> x = X.Four(q);
            return new()
            {
                X = Scale * x.X + Shift,
                Y = Scale * x.Y + Shift,
                Z = Scale * x.Z + Shift,
                W = Scale * x.W + Shift,
            };
        }

        public readonly void Put(int q, Quad<double> y) => Y.Put(q, y, Adds);
    }
}
