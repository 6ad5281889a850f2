using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>One Adam or AdamW update over elements of w and its moments: one pass over four arrays.</summary>
/// <remarks>
/// m = β1·m + (1-β1)·g;  v = β2·v + (1-β2)·g²;  w = keep·w - size·m / (√(v/c2) + ε), the factors computed in double once.
/// Scalar equivalent: <see cref="ReferenceBackend.Adam"/>.
/// </remarks>
internal readonly unsafe struct AdamRange<T>(T* w, T* gradient, T* moment1, T* moment2, AdamStep step) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int begin, int end)
    {
        Vector512<T> scale = Every(step.GradientScale), coupled = Every(step.Decoupled ? 0 : step.WeightDecay);
        Vector512<T> shrink = Every(step.Decoupled ? step.LearningRate * step.WeightDecay : 0);
        Vector512<T> beta1 = Every(step.Beta1), new1 = Every(1 - step.Beta1);
        Vector512<T> beta2 = Every(step.Beta2), new2 = Every(1 - step.Beta2);
        Vector512<T> size = Every(step.LearningRate / step.Correction1), correct = Every(1 / step.Correction2);
        Vector512<T> epsilon = Every(step.Epsilon);
        T* pw = w, pg = gradient, pm = moment1, pv = moment2;
        for (int i = begin; i < end; i += Vector512<T>.Count)
        {
            int count = end - i;
            bool whole = count >= Vector512<T>.Count;
            Vector512<T> weight = whole ? Vector512.Load(pw + i) : VectorTail.Load(pw + i, count);
            Vector512<T> g = (whole ? Vector512.Load(pg + i) : VectorTail.Load(pg + i, count)) * scale;
            Vector512<T> m = whole ? Vector512.Load(pm + i) : VectorTail.Load(pm + i, count);
            Vector512<T> v = whole ? Vector512.Load(pv + i) : VectorTail.Load(pv + i, count);
            g = Simd.Fma(coupled, weight, g);
            weight -= shrink * weight;
            m = Simd.Fma(beta1, m, new1 * g);
            v = Simd.Fma(beta2, v, new2 * g * g);
            weight -= size * m / (Vector512.Sqrt(v * correct) + epsilon);
            if (whole)
            {
                weight.Store(pw + i);
                m.Store(pm + i);
                v.Store(pv + i);
            }
            else
            {
                VectorTail.Store(weight, pw + i, count);
                VectorTail.Store(m, pm + i, count);
                VectorTail.Store(v, pv + i, count);
            }
        }
    }

    private static Vector512<T> Every(double value) => Vector512.Create(T.CreateTruncating(value));
}
