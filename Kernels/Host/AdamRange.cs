using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>One Adam or AdamW update over elements of w and its moments: one pass over four arrays.</summary>
/// <remarks>
/// m = β1·m + (1-β1)·g;  v = β2·v + (1-β2)·g²;  w = keep·w - size·m / (√(v/c2) + ε), in double.
/// Scalar equivalent: <see cref="ReferenceBackend.Adam"/>.
/// </remarks>
internal readonly unsafe struct AdamRange<T>(T* w, T* gradient, T* moment1, T* moment2, AdamStep step) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int begin, int end)
    {
        Vector512<double> scale = Every(step.GradientScale), coupled = Every(step.Decoupled ? 0 : step.WeightDecay);
        Vector512<double> shrink = Every(step.Decoupled ? step.LearningRate * step.WeightDecay : 0);
        Vector512<double> beta1 = Every(step.Beta1), new1 = Every(1 - step.Beta1);
        Vector512<double> beta2 = Every(step.Beta2), new2 = Every(1 - step.Beta2);
        Vector512<double> size = Every(step.LearningRate / step.Correction1), correct = Every(1 / step.Correction2);
        Vector512<double> epsilon = Every(step.Epsilon);
        Vector512<double> largest = Every(sizeof(T) == sizeof(float) ? float.MaxValue : double.MaxValue);
        T* pw = w, pg = gradient, pm = moment1, pv = moment2;
        for (int i = begin; i < end; i += Doubles.Count)
        {
            int count = end - i;
            bool whole = count >= Doubles.Count;
            Vector512<double> weight = whole ? Doubles.Load(pw + i) : Doubles.LoadTail(pw + i, count);
            Vector512<double> g = (whole ? Doubles.Load(pg + i) : Doubles.LoadTail(pg + i, count)) * scale;
            Vector512<double> m = whole ? Doubles.Load(pm + i) : Doubles.LoadTail(pm + i, count);
            Vector512<double> v = whole ? Doubles.Load(pv + i) : Doubles.LoadTail(pv + i, count);
            g += coupled * weight;
            weight -= shrink * weight;
            m = (beta1 * m) + (new1 * g);
            v = (beta2 * v) + (new2 * g * g);
            weight -= size * m / (Vector512.Sqrt(v * correct) + epsilon);
            v = Vector512.MinNative(largest, v); // The second one where one is NaN.
            if (whole)
            {
                Doubles.Put(weight, pw + i, add: false);
                Doubles.Put(m, pm + i, add: false);
                Doubles.Put(v, pv + i, add: false);
            }
            else
            {
                Doubles.PutTail(weight, pw + i, count, add: false);
                Doubles.PutTail(m, pm + i, count, add: false);
                Doubles.PutTail(v, pv + i, count, add: false);
            }
        }
    }

    private static Vector512<double> Every(double value) => Vector512.Create(value);
}
