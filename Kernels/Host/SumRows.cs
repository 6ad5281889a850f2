using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>y[o] = Σ over a row.  x:[O,R]  y:[O]</summary>
internal readonly unsafe struct SumRows<T>(T* x, T* y, int length, bool add) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            T* from = x + ((nint)row * length);
            T sum = T.CreateTruncating(RowSums.Sum<Element, T>(from, from, length));
            y[row] = add ? y[row] + sum : sum;
        }
    }
}

/// <summary>y[c] = Σ_r term(a[r,c], b[r,c], p[r], q[r]): sums down the columns, in double.  a, b:[R,C]  y:[C]; p and q are zeros
/// where absent.</summary>
/// <remarks>
/// Idea: a strip of four vectors of columns stays in registers while the rows go by. The last columns are read again as a whole
/// vector and only the new ones stored. Scalar equivalent: per column, the sum over ascending rows.
/// </remarks>
internal readonly unsafe struct SumColumns<TTerm, T>(
    T* a, T* b, double* p, double* q, int rows, int columns, T* y, bool add) : IRange
    where TTerm : struct, ITerm
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Lanes = Doubles.Count;

    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        int column = begin;
        for (; column <= end - (4 * Lanes); column += 4 * Lanes)
            Strip(column);
        for (; column <= end - Lanes; column += Lanes)
            Doubles.Put(Column(column, Lanes), y + column, add);
        if (column < end)
            Doubles.PutTail(Column(column, end - column), y + column, end - column, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Strip(int column)
    {
        nint step = columns;
        T* pa = a + column, pb = b + column;
        double* pp = p, pq = q;
        Vector512<double> zero = Vector512<double>.Zero, s0 = zero, s1 = zero, s2 = zero, s3 = zero;
        for (int row = 0; row < rows; row++, pa += step, pb += step)
        {
            Vector512<double> vp = pp == null ? zero : Vector512.Create(pp[row]);
            Vector512<double> vq = pq == null ? zero : Vector512.Create(pq[row]);
            s0 += TTerm.Of(Doubles.Load(pa), Doubles.Load(pb), vp, vq);
            s1 += TTerm.Of(Doubles.Load(pa + Lanes), Doubles.Load(pb + Lanes), vp, vq);
            s2 += TTerm.Of(Doubles.Load(pa + (2 * Lanes)), Doubles.Load(pb + (2 * Lanes)), vp, vq);
            s3 += TTerm.Of(Doubles.Load(pa + (3 * Lanes)), Doubles.Load(pb + (3 * Lanes)), vp, vq);
        }

        Doubles.Put(s0, y + column, add);
        Doubles.Put(s1, y + column + Lanes, add);
        Doubles.Put(s2, y + column + (2 * Lanes), add);
        Doubles.Put(s3, y + column + (3 * Lanes), add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector512<double> Column(int column, int count)
    {
        Vector512<double> sum = Vector512<double>.Zero;
        for (int row = 0; row < rows; row++)
        {
            T* pa = a + ((nint)row * columns) + column, pb = b + ((nint)row * columns) + column;
            sum += count == Lanes
                ? TTerm.Of(Doubles.Load(pa), Doubles.Load(pb), Every(p, row), Every(q, row))
                : TTerm.Of(Doubles.LoadTail(pa, count), Doubles.LoadTail(pb, count), Every(p, row), Every(q, row));
        }

        return sum;
    }

    private static Vector512<double> Every(double* values, int row) =>
        values == null ? Vector512<double>.Zero : Vector512.Create(values[row]);
}

/// <summary>y[o,c] = Σ_r x[o,r,c], each o by itself.  x:[O,R,I]  y:[O,I]</summary>
internal readonly unsafe struct SumMiddle<T>(T* x, int summed, int inner, T* y, bool add) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
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
