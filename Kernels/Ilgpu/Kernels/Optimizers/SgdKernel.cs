using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One SGD update in place, by <see cref="Elements"/>: see <see cref="SgdStep"/>.</summary>
internal static class SgdKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static void Run(Arguments a) => Elements.Run<Arguments, Updated<T>, UpdatedFour<T>>(a, a.Count, a.InFours);

    public struct Arguments : IElements<Updated<T>, UpdatedFour<T>>
    {
        public StoredView<T, T, AsIs<T>> W, Gradient, Velocity;
        public T GradientScale, WeightDecay, Momentum, LearningRate;

        /// <summary>1 - dampening.</summary>
        public T Taken;

        public int Count, HasVelocity, FirstStep, Nesterov, InFours;

        private readonly bool ReadsVelocity => HasVelocity != 0 && FirstStep == 0;

        public readonly Updated<T> One(int i) => Step(W[i], Gradient[i], ReadsVelocity ? Velocity[i] : T.Zero);

        public readonly void Put(int i, Updated<T> y)
        {
            if (HasVelocity != 0) Velocity.Put(i, y.First, 0);
            W.Put(i, y.W, 0);
        }

        public readonly UpdatedFour<T> Four(int q)
        {
            Quad<T> w = W.Four(q), g = Gradient.Four(q), m = ReadsVelocity ? Velocity.Four(q) : default;
            return UpdatedFour<T>.Of(Step(w.X, g.X, m.X), Step(w.Y, g.Y, m.Y), Step(w.Z, g.Z, m.Z), Step(w.W, g.W, m.W));
        }

        public readonly void Put(int q, UpdatedFour<T> y)
        {
            if (HasVelocity != 0) Velocity.Put(q, y.First, 0);
            W.Put(q, y.W, 0);
        }

        private readonly Updated<T> Step(T w, T gradient, T velocity)
        {
            T g = GradientScale * gradient + WeightDecay * w, m = ReadsVelocity ? Momentum * velocity + Taken * g : g;
            return new() { W = w - LearningRate * (Nesterov != 0 ? g + Momentum * m : m), First = m };
        }
    }
}
