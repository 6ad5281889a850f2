using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One SGD update in place, one lane per element: see <see cref="SgdStep"/>.</summary>
internal static class SgdKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= a.Count) return;
        T w = a.W[i], g = a.GradientScale * a.Gradient[i] + a.WeightDecay * w, m = g;
        if (a.HasVelocity != 0)
        {
            if (a.FirstStep == 0) m = a.Momentum * a.Velocity[i] + a.Taken * g;
            a.Velocity[i] = m;
        }
        a.W[i] = w - a.LearningRate * (a.Nesterov != 0 ? g + a.Momentum * m : m);
    }

    public struct Arguments
    {
        public ArrayView<T> W, Gradient, Velocity;
        public T GradientScale, WeightDecay, Momentum, LearningRate;

        /// <summary>1 - dampening.</summary>
        public T Taken;

        public int Count, HasVelocity, FirstStep, Nesterov;
    }
}
