using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>y = (x - mean)·factor·gamma + beta for rows of x:[rows,C].
/// Without centering, the mean is 0: the root-mean-square norm.</summary>
/// <remarks>
/// Idea: three passes over a row that stays in the first-level cache: mean, mean squared distance, result.
/// Scalar equivalent: <see cref="ReferenceBackend.LayerNorm"/> and <see cref="ReferenceBackend.RmsNorm"/>.
/// </remarks>
internal readonly unsafe struct NormForward<T>(
    T* x, T* gamma, T* beta, int length, bool centered, double epsilon, T* y, bool add, T* mean, T* factor) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        double count = Math.Max(length, 1);
        for (int row = begin; row < end; row++)
        {
            T* from = x + ((nint)row * length);
            T center = centered
                ? T.CreateTruncating(double.CreateTruncating(RowSums.Sum<Element, T>(from, from, length)) / count)
                : T.Zero;
            double squares = double.CreateTruncating(RowSums.Sum<SquaredDistance, T>(from, from, length, center));
            T scale = T.CreateTruncating(1 / Math.Sqrt((squares / count) + epsilon));
            Row(from, gamma, beta, length, center, scale, y + ((nint)row * length), add);
            factor[row] = scale;
            if (centered)
                mean[row] = center;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(T* x, T* gamma, T* beta, int length, T center, T scale, T* y, bool add)
    {
        Vector512<T> c = Vector512.Create(center), s = Vector512.Create(scale), one = Vector512<T>.One, zero = Vector512<T>.Zero;
        int i = 0;
        for (; i <= length - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            Vector512<T> normal = (Vector512.Load(x + i) - c) * s;
            Lanes.Put(Simd.Fma(normal, Lanes.LoadOr(gamma, i, one), Lanes.LoadOr(beta, i, zero)), y + i, add);
        }

        if (i < length)
        {
            Vector512<T> normal = (VectorTail.Load(x + i, length - i) - c) * s;
            Vector512<T> g = Lanes.LoadTailOr(gamma, i, length - i, one), b = Lanes.LoadTailOr(beta, i, length - i, zero);
            Lanes.PutTail(Simd.Fma(normal, g, b), y + i, length - i, add);
        }
    }
}
