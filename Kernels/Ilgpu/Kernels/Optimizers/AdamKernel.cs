namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One Adam or AdamW update in place, by <see cref="Elements"/>, in double: see <see cref="AdamStep"/>.</summary>
internal static class AdamKernel<TStored, TStorage>
    where TStored : unmanaged
    where TStorage : struct, IStorage<TStored, double>
{
    public static void Run(Arguments a) => Elements.Run<Arguments, Updated<double>, UpdatedFour<double>>(a, a.Count, a.InFours);

    public struct Arguments : IElements<Updated<double>, UpdatedFour<double>>
    {
        public StoredView<double, TStored, TStorage> W, Gradient, Moment1, Moment2;
        public double GradientScale, WeightDecay, Shrink, Beta1, Taken1, Beta2, Taken2;
        public double LearningRate, Correction1, Correction2, Epsilon;

        /// <summary>The largest number that a moment is stored as.</summary>
        public double Largest;

        public int Count, Decoupled, InFours;

        public readonly Updated<double> One(int i) => Step(W[i], Gradient[i], Moment1[i], Moment2[i]);

        public readonly void Put(int i, Updated<double> y)
        {
            Moment1.Put(i, y.First, 0);
            Moment2.Put(i, y.Second, 0);
            W.Put(i, y.W, 0);
        }

        public readonly UpdatedFour<double> Four(int q)
        {
            Quad<double> w = W.Four(q), g = Gradient.Four(q), m = Moment1.Four(q), v = Moment2.Four(q);
            return UpdatedFour<double>.Of(
                Step(w.X, g.X, m.X, v.X), Step(w.Y, g.Y, m.Y, v.Y), Step(w.Z, g.Z, m.Z, v.Z), Step(w.W, g.W, m.W, v.W));
        }

        public readonly void Put(int q, UpdatedFour<double> y)
        {
            Moment1.Put(q, y.First, 0);
            Moment2.Put(q, y.Second, 0);
            W.Put(q, y.W, 0);
        }

        private readonly Updated<double> Step(double w, double gradient, double m, double v)
        {
            double g = GradientScale * gradient;
            if (Decoupled != 0) w -= Shrink * w;
            else g += WeightDecay * w;
            m = Beta1 * m + Taken1 * g;
            v = Beta2 * v + Taken2 * g * g;
            w -= LearningRate * (m / Correction1 / (double.Sqrt(v / Correction2) + Epsilon));
            return new() { W = w, First = m, Second = double.Min(v, Largest) };
        }
    }
}
