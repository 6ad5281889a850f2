namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One SGD update in place, by <see cref="Elements"/>, in double: see <see cref="SgdStep"/>.</summary>
internal static class SgdKernel<TStored, TStorage>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, double>
{
    public static void Run(Arguments a) => Elements.Run<Arguments, Updated<double>, UpdatedFour<double>>(a, a.Count, a.InFours);

    public struct Arguments : IElements<Updated<double>, UpdatedFour<double>>
    {
        public StoredView<double, TStored, TStorage> W, Gradient, Velocity;
        public double GradientScale, WeightDecay, Momentum, LearningRate;

        /// <summary>1 - dampening.</summary>
        public double Taken;

        public int Count, HasVelocity, FirstStep, Nesterov, InFours;

        private readonly bool ReadsVelocity => HasVelocity != 0 && FirstStep == 0;

        public readonly Updated<double> One(int i) => Step(W[i], Gradient[i], ReadsVelocity ? Velocity[i] : 0);

        public readonly void Put(int i, Updated<double> y)
        {
            if (HasVelocity != 0) Velocity.Put(i, y.First, 0);
            W.Put(i, y.W, 0);
        }

        public readonly UpdatedFour<double> Four(int q)
        {
            Quad<double> w = W.Four(q), g = Gradient.Four(q), m = ReadsVelocity ? Velocity.Four(q) : default;
            return UpdatedFour<double>.Of(Step(w.X, g.X, m.X), Step(w.Y, g.Y, m.Y), Step(w.Z, g.Z, m.Z), Step(w.W, g.W, m.W));
        }

        public readonly void Put(int q, UpdatedFour<double> y)
        {
            if (HasVelocity != 0) Velocity.Put(q, y.First, 0);
            W.Put(q, y.W, 0);
        }

        private readonly Updated<double> Step(double w, double gradient, double velocity)
        {
            double g = GradientScale * gradient + WeightDecay * w, m = ReadsVelocity ? Momentum * velocity + Taken * g : g;
            return new() { W = w - LearningRate * (Nesterov != 0 ? g + Momentum * m : m), First = m };
        }
    }
}
