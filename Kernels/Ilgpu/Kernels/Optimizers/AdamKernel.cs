using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One Adam or AdamW update in place, by <see cref="Elements"/>: see <see cref="AdamStep"/>.</summary>
internal static class AdamKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static void Run(Arguments a) => Elements.Run<Arguments, Updated<T>, UpdatedFour<T>>(a, a.Count, a.InFours);

    public struct Arguments : IElements<Updated<T>, UpdatedFour<T>>
    {
        public StoredView<T, T, AsIs<T>> W, Gradient, Moment1, Moment2;
        public T GradientScale, WeightDecay, Shrink, Beta1, Taken1, Beta2, Taken2;
        public T LearningRate, Correction1, Correction2, Epsilon;
        public int Count, Decoupled, InFours;

        public readonly Updated<T> One(int i) => Step(W[i], Gradient[i], Moment1[i], Moment2[i]);

        public readonly void Put(int i, Updated<T> y)
        {
            Moment1.Put(i, y.First, 0);
            Moment2.Put(i, y.Second, 0);
            W.Put(i, y.W, 0);
        }

        public readonly UpdatedFour<T> Four(int q)
        {
            Quad<T> w = W.Four(q), g = Gradient.Four(q), m = Moment1.Four(q), v = Moment2.Four(q);
            return UpdatedFour<T>.Of(
                Step(w.X, g.X, m.X, v.X), Step(w.Y, g.Y, m.Y, v.Y), Step(w.Z, g.Z, m.Z, v.Z), Step(w.W, g.W, m.W, v.W));
        }

        public readonly void Put(int q, UpdatedFour<T> y)
        {
            Moment1.Put(q, y.First, 0);
            Moment2.Put(q, y.Second, 0);
            W.Put(q, y.W, 0);
        }

        private readonly Updated<T> Step(T w, T gradient, T m, T v)
        {
            T g = GradientScale * gradient;
            if (Decoupled != 0) w -= Shrink * w;
            else g += WeightDecay * w;
            m = Beta1 * m + Taken1 * g;
            v = Beta2 * v + Taken2 * g * g;
            w -= LearningRate * (m / Correction1 / (T.Sqrt(v / Correction2) + Epsilon));
            return new() { W = w, First = m, Second = v };
        }
    }
}
