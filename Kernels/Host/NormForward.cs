using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>y = (x - mean)·factor·gamma + beta for rows of x:[rows,C].
/// Without centering, the mean is 0: the root-mean-square norm.</summary>
/// <remarks>
/// Idea: three passes over a row that stays in the first-level cache: mean, mean squared distance, result, all in double.
/// Scalar equivalent: <see cref="ReferenceBackend.LayerNorm"/> and <see cref="ReferenceBackend.RmsNorm"/>.
/// </remarks>
internal readonly unsafe struct NormForward<T>(
    T* x, T* gamma, T* beta, int length, bool centered, double epsilon, T* y, bool add, double* mean, double* factor) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        double count = Math.Max(length, 1);
        for (int row = begin; row < end; row++)
        {
            T* from = x + ((nint)row * length);
            double center = centered ? RowSums.Sum<Element, T>(from, from, length) / count : 0;
            double squares = RowSums.Sum<SquaredDistance, T>(from, from, length, center);
            double scale = 1 / Math.Sqrt((squares / count) + epsilon);
            Row(from, gamma, beta, length, center, scale, y + ((nint)row * length), add);
            factor[row] = scale;
            if (centered)
                mean[row] = center;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(T* x, T* gamma, T* beta, int length, double center, double scale, T* y, bool add)
    {
        Vector512<double> c = Vector512.Create(center), s = Vector512.Create(scale);
        Vector512<double> one = Vector512<double>.One, zero = Vector512<double>.Zero;
        int i = 0;
        for (; i <= length - Doubles.Count; i += Doubles.Count)
        {
            Vector512<double> normal = (Doubles.Load(x + i) - c) * s;
            Doubles.Put((normal * Doubles.LoadOr(gamma, i, one)) + Doubles.LoadOr(beta, i, zero), y + i, add);
        }

        if (i < length)
        {
            int count = length - i;
            Vector512<double> normal = (Doubles.LoadTail(x + i, count) - c) * s;
            Vector512<double> g = Doubles.LoadTailOr(gamma, i, count, one), b = Doubles.LoadTailOr(beta, i, count, zero);
            Doubles.PutTail((normal * g) + b, y + i, count, add);
        }
    }
}
