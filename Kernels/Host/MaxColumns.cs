using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

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
