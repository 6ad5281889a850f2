using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>dx = factor·(g - mean(g) - x̂·mean(g⊙x̂)) with g = dy⊙gamma, x̂ = (x - mean)·factor;
/// without centering, mean(g) is left out.</summary>
/// <remarks>
/// Idea: both sums in one pass over the row, the result in a second one out of the first-level cache.
/// Scalar equivalent: <see cref="ReferenceBackend.LayerNormInputGradient"/> and
/// <see cref="ReferenceBackend.RmsNormInputGradient"/>.
/// </remarks>
internal readonly unsafe struct NormInputGradient<T>(
    T* x, T* gamma, T* dy, int length, T* mean, T* factor, T* dx, bool add) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            nint at = (nint)row * length;
            T center = mean == null ? T.Zero : mean[row];
            Row(x + at, gamma, dy + at, length, center, mean != null, factor[row], dx + at, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(T* x, T* gamma, T* dy, int length, T center, bool centered, T factor, T* dx, bool add)
    {
        int lanes = Vector512<T>.Count, i = 0;
        Vector512<T> c = Vector512.Create(center), f = Vector512.Create(factor), one = Vector512<T>.One;
        Vector512<T> sum0 = Vector512<T>.Zero, sum1 = sum0, dot0 = sum0, dot1 = sum0;
        for (; i <= length - (2 * lanes); i += 2 * lanes)
        {
            Vector512<T> g0 = Vector512.Load(dy + i) * Lanes.LoadOr(gamma, i, one);
            Vector512<T> g1 = Vector512.Load(dy + i + lanes) * Lanes.LoadOr(gamma, i + lanes, one);
            sum0 += g0;
            sum1 += g1;
            dot0 = Simd.Fma(g0, (Vector512.Load(x + i) - c) * f, dot0);
            dot1 = Simd.Fma(g1, (Vector512.Load(x + i + lanes) - c) * f, dot1);
        }

        for (; i < length; i += lanes)
        {
            int count = Math.Min(lanes, length - i);
            Vector512<T> g = VectorTail.Load(dy + i, count) * Lanes.LoadTailOr(gamma, i, count, one);
            sum0 += g;
            dot0 = Simd.Fma(g, (VectorTail.Load(x + i, count) - c) * f, dot0);
        }

        T n = T.CreateTruncating(length);
        Vector512<T> meanG = Vector512.Create(centered ? Vector512.Sum(sum0 + sum1) / n : T.Zero);
        Vector512<T> meanDot = Vector512.Create(Vector512.Sum(dot0 + dot1) / n);
        for (i = 0; i <= length - lanes; i += lanes)
        {
            Vector512<T> g = Vector512.Load(dy + i) * Lanes.LoadOr(gamma, i, one);
            Vector512<T> normal = (Vector512.Load(x + i) - c) * f;
            Lanes.Put((g - meanG - (normal * meanDot)) * f, dx + i, add);
        }

        if (i < length)
        {
            Vector512<T> g = VectorTail.Load(dy + i, length - i) * Lanes.LoadTailOr(gamma, i, length - i, one);
            Vector512<T> normal = (VectorTail.Load(x + i, length - i) - c) * f;
            Lanes.PutTail((g - meanG - (normal * meanDot)) * f, dx + i, length - i, add);
        }
    }
}
