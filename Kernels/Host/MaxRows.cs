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

/// <summary>y[o,c] = max over r of x[o,r,c] and its first position; the first NaN wins.  x:[O,R,C]  y, index:[O,1,C]</summary>
/// <remarks>
/// Idea: maxima and positions of a few columns stay in the first-level cache while the rows go by. An item is such a strip.
/// Scalar equivalent: <see cref="ReferenceBackend.Max"/>.
/// </remarks>
internal readonly unsafe struct MaxColumns<T>(T* x, int length, int inner, T* y, int* index) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Together = 512;

    /// <summary>Strips of columns in one [R,C].</summary>
    public static int Strips(int inner) => (inner + Together - 1) / Together;

    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        int strips = Strips(inner);
        for (int strip = begin; strip < end; strip++)
        {
            (int o, int first) = Math.DivRem(strip, strips);
            first *= Together;
            int count = Math.Min(Together, inner - first);
            T* from = x + ((nint)o * length * inner) + first, to = y + ((nint)o * inner) + first;
            int* position = index + ((nint)o * inner) + first;
            if (length == 0)
                new Span<T>(to, count).Fill(T.NegativeInfinity);
            else
                new ReadOnlySpan<T>(from, count).CopyTo(new Span<T>(to, count));
            new Span<int>(position, count).Clear();
            for (int row = 1; row < length; row++)
                Row(from + ((nint)row * inner), row, count, to, position);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(T* x, int row, int count, T* y, int* index)
    {
        int i = 0;
        if (typeof(T) == typeof(float))
        {
            Vector512<int> here = Vector512.Create(row);
            for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                Vector512<float> v = Vector512.Load((float*)x + i), max = Vector512.Load((float*)y + i);
                Vector512<float> wins = Vector512.GreaterThan(v, max) | (~Vector512.Equals(v, v) & Vector512.Equals(max, max));
                Vector512.ConditionalSelect(wins, v, max).Store((float*)y + i);
                Vector512.ConditionalSelect(wins.AsInt32(), here, Vector512.Load(index + i)).Store(index + i);
            }
        }

        for (; i < count; i++)
            if (x[i] > y[i] || (T.IsNaN(x[i]) && !T.IsNaN(y[i])))
                (y[i], index[i]) = (x[i], row);
    }
}

/// <summary>dx[o, index[o,c], c] = dy[o,c], or added; nothing else is touched.  dy, index:[O,1,C]  dx:[O,R,C]</summary>
internal readonly unsafe struct MaxScatter<T>(T* dy, int* index, int length, int inner, T* dx, bool add) : IRange
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int i = begin; i < end; i++)
        {
            (int o, int c) = Math.DivRem(i, inner);
            T* to = dx + ((((nint)o * length) + index[i]) * inner) + c;
            *to = add ? Scalar.Add(*to, dy[i]) : dy[i];
        }
    }
}
