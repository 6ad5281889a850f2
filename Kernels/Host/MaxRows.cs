using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>y[o] = max of a row, index[o] = its first position; the first NaN wins.  x:[O,R]  y, index:[O]</summary>
/// <remarks>
/// Idea: the value first, by four vectors of maxima, then a search for its position, which mostly ends before the row does.
/// Scalar equivalent: <see cref="ReferenceBackend.Max"/>.
/// </remarks>
internal readonly unsafe struct MaxRows<T>(T* x, int length, T* y, int* index) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            T* from = x + ((nint)row * length);
            int at = length == 0 ? 0 : Position(from, length);
            (y[row], index[row]) = (length == 0 ? T.NegativeInfinity : from[at], at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Position(T* x, int length)
    {
        int lanes = Vector512<T>.Count, i = 0;
        Vector512<T> m0 = Vector512.Create(T.NegativeInfinity), m1 = m0, ordered0 = Vector512<T>.AllBitsSet, ordered1 = ordered0;
        for (; i <= length - (2 * lanes); i += 2 * lanes)
        {
            Vector512<T> v0 = Vector512.Load(x + i), v1 = Vector512.Load(x + i + lanes);
            ordered0 &= Vector512.Equals(v0, v0);
            ordered1 &= Vector512.Equals(v1, v1);
            m0 = Vector512.MaxNative(m0, v0);
            m1 = Vector512.MaxNative(m1, v1);
        }

        for (; i < length; i += lanes)
        {
            Vector512<T> v = VectorTail.Load(x + i, Math.Min(lanes, length - i), T.NegativeInfinity);
            ordered0 &= Vector512.Equals(v, v);
            m0 = Vector512.MaxNative(m0, v);
        }

        if (Vector512.ExtractMostSignificantBits(ordered0 & ordered1) != (1UL << lanes) - 1)
            return FirstNaN(x);
        m0 = Vector512.MaxNative(m0, m1);
        T max = T.NegativeInfinity;
        for (int lane = 0; lane < lanes; lane++)
            max = T.Max(max, m0[lane]);
        return First(x, length, max);
    }

    private static int FirstNaN(T* x)
    {
        int i = 0;
        while (!T.IsNaN(x[i]))
            i++;
        return i;
    }

    private static int First(T* x, int length, T max)
    {
        Vector512<T> sought = Vector512.Create(max);
        int i = 0;
        for (; i <= length - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            ulong found = Vector512.ExtractMostSignificantBits(Vector512.Equals(Vector512.Load(x + i), sought));
            if (found != 0)
                return i + BitOperations.TrailingZeroCount(found);
        }

        while (x[i] != max)
            i++;
        return i;
    }
}
