using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>One SGD update over elements of w and its velocity, which may be absent.</summary>
/// <remarks>In double. Scalar equivalent: <see cref="ReferenceBackend.Sgd"/>.</remarks>
internal readonly unsafe struct SgdRange<T>(T* w, T* gradient, T* velocity, SgdStep step) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int begin, int end)
    {
        Vector512<double> scale = Every(step.GradientScale), decay = Every(step.WeightDecay), rate = Every(step.LearningRate);
        Vector512<double> momentum = Every(step.Momentum), fresh = Every(1 - step.Dampening);
        T* pw = w, pg = gradient, pm = velocity;
        for (int i = begin; i < end; i += Doubles.Count)
        {
            int count = end - i;
            bool whole = count >= Doubles.Count;
            Vector512<double> weight = whole ? Doubles.Load(pw + i) : Doubles.LoadTail(pw + i, count);
            Vector512<double> g = (whole ? Doubles.Load(pg + i) : Doubles.LoadTail(pg + i, count)) * scale;
            g += decay * weight;
            Vector512<double> m = g;
            if (pm != null)
            {
                if (!step.FirstStep)
                    m = (momentum * (whole ? Doubles.Load(pm + i) : Doubles.LoadTail(pm + i, count))) + (fresh * g);
                if (whole)
                    Doubles.Put(m, pm + i, add: false);
                else
                    Doubles.PutTail(m, pm + i, count, add: false);
            }

            weight -= rate * (step.Nesterov ? (momentum * m) + g : m);
            if (whole)
                Doubles.Put(weight, pw + i, add: false);
            else
                Doubles.PutTail(weight, pw + i, count, add: false);
        }
    }

    private static Vector512<double> Every(double value) => Vector512.Create(value);
}
