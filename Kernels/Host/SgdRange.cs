using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>One SGD update over elements of w and its velocity, which may be absent.</summary>
/// <remarks>Scalar equivalent: <see cref="ReferenceBackend.Sgd"/>.</remarks>
internal readonly unsafe struct SgdRange<T>(T* w, T* gradient, T* velocity, SgdStep step) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int begin, int end)
    {
        Vector512<T> scale = Every(step.GradientScale), decay = Every(step.WeightDecay), rate = Every(step.LearningRate);
        Vector512<T> momentum = Every(step.Momentum), fresh = Every(1 - step.Dampening);
        T* pw = w, pg = gradient, pm = velocity;
        for (int i = begin; i < end; i += Vector512<T>.Count)
        {
            int count = end - i;
            bool whole = count >= Vector512<T>.Count;
            Vector512<T> weight = whole ? Vector512.Load(pw + i) : VectorTail.Load(pw + i, count);
            Vector512<T> g = (whole ? Vector512.Load(pg + i) : VectorTail.Load(pg + i, count)) * scale;
            g = Simd.Fma(decay, weight, g);
            Vector512<T> m = g;
            if (pm != null)
            {
                if (!step.FirstStep)
                    m = Simd.Fma(momentum, whole ? Vector512.Load(pm + i) : VectorTail.Load(pm + i, count), fresh * g);
                if (whole)
                    m.Store(pm + i);
                else
                    VectorTail.Store(m, pm + i, count);
            }

            weight -= rate * (step.Nesterov ? Simd.Fma(momentum, m, g) : m);
            if (whole)
                weight.Store(pw + i);
            else
                VectorTail.Store(weight, pw + i, count);
        }
    }

    private static Vector512<T> Every(double value) => Vector512.Create(T.CreateTruncating(value));
}
