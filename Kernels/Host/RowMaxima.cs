using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>The largest of a row and sums of exponentials relative to it: what softmax and its logarithm are made of.</summary>
internal static unsafe class RowMaxima<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The largest element, -∞ of none. Scalar: Math.Max over the row.</summary>
    /// <remarks>Beside a NaN the result may be NaN or any element that is finite: exp(NaN - finite) keeps it alive.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Largest(T* x, int length)
    {
        int lanes = Vector512<T>.Count, i = 0;
        Vector512<T> m0 = Vector512.Create(T.NegativeInfinity), m1 = m0, m2 = m0, m3 = m0;
        for (; i <= length - (4 * lanes); i += 4 * lanes)
        {
            m0 = Vector512.MaxNative(m0, Vector512.Load(x + i));
            m1 = Vector512.MaxNative(m1, Vector512.Load(x + i + lanes));
            m2 = Vector512.MaxNative(m2, Vector512.Load(x + i + (2 * lanes)));
            m3 = Vector512.MaxNative(m3, Vector512.Load(x + i + (3 * lanes)));
        }

        for (; i <= length - lanes; i += lanes)
            m0 = Vector512.MaxNative(m0, Vector512.Load(x + i));
        if (i < length)
            m1 = Vector512.MaxNative(m1, VectorTail.Load(x + i, length - i, T.NegativeInfinity));
        m0 = Vector512.MaxNative(Vector512.MaxNative(m0, m1), Vector512.MaxNative(m2, m3));
        Vector256<T> half = Vector256.Max(m0.GetLower(), m0.GetUpper());
        Vector128<T> quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        T largest = T.Max(quarter[0], quarter[1]);
        if (Vector128<T>.Count > 2)
            largest = T.Max(largest, T.Max(quarter[2], quarter[3]));
        return T.IsInfinity(largest) ? OrNaN(x, length, largest) : largest;
    }

    private static T OrNaN(T* x, int length, T largest)
    {
        for (int i = 0; i < length; i++)
            largest = T.Max(largest, x[i]);
        return largest;
    }

    /// <summary>Σ exp(x - shift) in double; where <paramref name="y"/> is given, it gets the exponentials.
    /// Scalar: the sum, its terms in lanes of <see cref="Doubles.Fold"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Exponentials(T* x, int length, T shift, T* y)
    {
        int lanes = Vector512<T>.Count, i = 0;
        Vector512<T> m = Vector512.Create(shift);
        Vector512<double> s0 = Vector512<double>.Zero, s1 = s0;
        for (; i <= length - (2 * lanes); i += 2 * lanes)
        {
            Vector512<T> e0 = VectorMath.Exp(Vector512.Load(x + i) - m), e1 = VectorMath.Exp(Vector512.Load(x + i + lanes) - m);
            s0 += Doubles.Fold(e0);
            s1 += Doubles.Fold(e1);
            if (y != null)
            {
                e0.Store(y + i);
                e1.Store(y + i + lanes);
            }
        }

        for (; i < length; i += lanes)
        {
            int count = Math.Min(lanes, length - i);
            Vector512<T> e = VectorMath.Exp(VectorTail.Load(x + i, count) - m);
            s0 += Doubles.Fold(VectorTail.Keep(e, count));
            if (y != null)
                VectorTail.Store(e, y + i, count);
        }

        return Vector512.Sum(s0 + s1);
    }
}
