using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>y[o] = Σ over a row.  x:[O,R]  y:[O]</summary>
internal readonly unsafe struct SumRows<T>(T* x, T* y, int length, bool add) : IRange
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            T* from = x + ((nint)row * length);
            T sum = RowSums.Sum<Element, T>(from, from, length);
            y[row] = add ? Scalar.Add(y[row], sum) : sum;
        }
    }
}

/// <summary>y[c] = Σ_r term(a[r,c], b[r,c], p[r], q[r]): sums down the columns.  a, b:[R,C]  y:[C]; p and q are zeros where
/// absent.</summary>
/// <remarks>
/// Idea: a strip of four vectors of columns stays in registers while the rows go by; every 64 rows the strip is added to
/// totals, so
/// that errors grow with the square root. The last columns are read again as a whole vector and only the new ones stored.
/// Scalar equivalent: per column, sums of 64 rows, then the sum of those.
/// </remarks>
internal readonly unsafe struct SumColumns<TTerm, T>(T* a, T* b, T* p, T* q, int rows, int columns, T* y, bool add) : IRange
    where TTerm : struct, ITerm
    where T : unmanaged
{
    private const int Together = 64;

    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        int lanes = Vector512<T>.Count, column = begin;
        for (; column <= end - (4 * lanes); column += 4 * lanes)
            Strip(column);
        for (; column <= end - lanes; column += lanes)
            Put(Column(column), column, 0, lanes);
        if (column == end)
            return;
        if (end >= lanes)
            Put(Column(end - lanes), column, lanes - (end - column), end - column);
        else
            Put(NarrowColumn(column, end - column), column, 0, end - column);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Strip(int column)
    {
        int lanes = Vector512<T>.Count;
        nint step = columns;
        T* pa = a + column, pb = b + column, pp = p, pq = q;
        Vector512<T> zero = Vector512<T>.Zero;
        Vector512<T> t0 = zero, t1 = zero, t2 = zero, t3 = zero;
        for (int row = 0; row < rows;)
        {
            int until = Math.Min(rows, row + Together);
            Vector512<T> s0 = zero, s1 = zero, s2 = zero, s3 = zero;
            for (; row < until; row++, pa += step, pb += step)
            {
                Vector512<T> vp = pp == null ? zero : Vector512.Create(pp[row]),
                    vq = pq == null ? zero : Vector512.Create(pq[row]);
                s0 += TTerm.Of(Vector512.Load(pa), Vector512.Load(pb), vp, vq);
                s1 += TTerm.Of(Vector512.Load(pa + lanes), Vector512.Load(pb + lanes), vp, vq);
                s2 += TTerm.Of(Vector512.Load(pa + (2 * lanes)), Vector512.Load(pb + (2 * lanes)), vp, vq);
                s3 += TTerm.Of(Vector512.Load(pa + (3 * lanes)), Vector512.Load(pb + (3 * lanes)), vp, vq);
            }

            t0 += s0;
            t1 += s1;
            t2 += s2;
            t3 += s3;
        }

        Lanes.Put(t0, y + column, add);
        Lanes.Put(t1, y + column + lanes, add);
        Lanes.Put(t2, y + column + (2 * lanes), add);
        Lanes.Put(t3, y + column + (3 * lanes), add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector512<T> Column(int column)
    {
        Vector512<T> total = Vector512<T>.Zero;
        for (int row = 0; row < rows;)
        {
            int until = Math.Min(rows, row + Together);
            Vector512<T> sum = Vector512<T>.Zero;
            for (; row < until; row++)
            {
                nint at = ((nint)row * columns) + column;
                sum += TTerm.Of(Vector512.Load(a + at), Vector512.Load(b + at), Every(p, row), Every(q, row));
            }

            total += sum;
        }

        return total;
    }

    private Vector512<T> NarrowColumn(int column, int count)
    {
        Vector512<T> total = Vector512<T>.Zero;
        for (int row = 0; row < rows;)
        {
            int until = Math.Min(rows, row + Together);
            Vector512<T> sum = Vector512<T>.Zero;
            for (; row < until; row++)
            {
                nint at = ((nint)row * columns) + column;
                sum += TTerm.Of(VectorTail.Load(a + at, count), VectorTail.Load(b + at, count), Every(p, row), Every(q, row));
            }

            total += sum;
        }

        return total;
    }

    private static Vector512<T> Every(T* values, int row) => values == null ? Vector512<T>.Zero : Vector512.Create(values[row]);

    [SkipLocalsInit]
    private void Put(Vector512<T> sums, int column, int lane, int count)
    {
        T* all = stackalloc T[Vector512<T>.Count];
        sums.Store(all);
        for (int i = 0; i < count; i++)
            y[column + i] = add ? Scalar.Add(y[column + i], all[lane + i]) : all[lane + i];
    }
}

/// <summary>y[o,c] = Σ_r x[o,r,c], each o by itself.  x:[O,R,I]  y:[O,I]</summary>
internal readonly unsafe struct SumMiddle<T>(T* x, int summed, int inner, T* y, bool add) : IRange
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int o = begin; o < end; o++)
        {
            T* from = x + ((nint)o * summed * inner);
            new SumColumns<Element, T>(from, from, null, null, summed, inner, y + ((nint)o * inner), add).Run(0, inner);
        }
    }
}
