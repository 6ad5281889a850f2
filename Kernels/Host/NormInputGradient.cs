using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>dx = factor·(g - mean(g) - x̂·mean(g⊙x̂)) with g = dy⊙gamma, x̂ = (x - mean)·factor;
/// without centering, mean(g) is left out.</summary>
/// <remarks>
/// Idea: both sums in one pass over the row, the result in a second one out of the first-level cache, all in double.
/// Scalar equivalent: <see cref="ReferenceBackend.LayerNormInputGradient"/> and
/// <see cref="ReferenceBackend.RmsNormInputGradient"/>.
/// </remarks>
internal readonly unsafe struct NormInputGradient<T>(
    T* x, T* gamma, T* dy, int length, double* mean, double* factor, T* dx, bool add) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            nint at = (nint)row * length;
            double center = mean == null ? 0 : mean[row];
            Row(x + at, gamma, dy + at, length, center, mean != null, factor[row], dx + at, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(T* x, T* gamma, T* dy, int length, double center, bool centered, double factor, T* dx, bool add)
    {
        const int lanes = Doubles.Count;
        int i = 0;
        Vector512<double> c = Vector512.Create(center), f = Vector512.Create(factor), one = Vector512<double>.One;
        Vector512<double> sum0 = Vector512<double>.Zero, sum1 = sum0, dot0 = sum0, dot1 = sum0;
        for (; i <= length - (2 * lanes); i += 2 * lanes)
        {
            Vector512<double> g0 = Doubles.Load(dy + i) * Doubles.LoadOr(gamma, i, one);
            Vector512<double> g1 = Doubles.Load(dy + i + lanes) * Doubles.LoadOr(gamma, i + lanes, one);
            sum0 += g0;
            sum1 += g1;
            dot0 += g0 * ((Doubles.Load(x + i) - c) * f);
            dot1 += g1 * ((Doubles.Load(x + i + lanes) - c) * f);
        }

        for (; i < length; i += lanes)
        {
            int count = Math.Min(lanes, length - i);
            Vector512<double> g = Doubles.LoadTail(dy + i, count) * Doubles.LoadTailOr(gamma, i, count, one);
            sum0 += g;
            dot0 += VectorTail.Keep(g * ((Doubles.LoadTail(x + i, count) - c) * f), count);
        }

        Vector512<double> meanG = Vector512.Create(centered ? Vector512.Sum(sum0 + sum1) / length : 0);
        Vector512<double> meanDot = Vector512.Create(Vector512.Sum(dot0 + dot1) / length);
        for (i = 0; i <= length - lanes; i += lanes)
        {
            Vector512<double> g = Doubles.Load(dy + i) * Doubles.LoadOr(gamma, i, one), normal = (Doubles.Load(x + i) - c) * f;
            Doubles.Put((g - meanG - (normal * meanDot)) * f, dx + i, add);
        }

        if (i < length)
        {
            Vector512<double> g = Doubles.LoadTail(dy + i, length - i) * Doubles.LoadTailOr(gamma, i, length - i, one);
            Vector512<double> normal = (Doubles.LoadTail(x + i, length - i) - c) * f;
            Doubles.PutTail((g - meanG - (normal * meanDot)) * f, dx + i, length - i, add);
        }
    }
}
