using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One Adam or AdamW update in place, one lane per element: see <see cref="AdamStep"/>.</summary>
internal static class AdamKernel<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static void Run(Arguments a)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= a.Count) return;
        T w = a.W[i], g = a.GradientScale * a.Gradient[i];
        if (a.Decoupled != 0) w -= a.Shrink * w;
        else g += a.WeightDecay * w;
        T m = a.Beta1 * a.Moment1[i] + a.Taken1 * g, v = a.Beta2 * a.Moment2[i] + a.Taken2 * g * g;
        a.Moment1[i] = m;
        a.Moment2[i] = v;
        a.W[i] = w - a.LearningRate * (m / a.Correction1 / (T.Sqrt(v / a.Correction2) + a.Epsilon));
    }

    public struct Arguments
    {
        public ArrayView<T> W, Gradient, Moment1, Moment2;
        public T GradientScale, WeightDecay, Shrink, Beta1, Taken1, Beta2, Taken2;
        public T LearningRate, Correction1, Correction2, Epsilon;
        public int Count, Decoupled;
    }
}
