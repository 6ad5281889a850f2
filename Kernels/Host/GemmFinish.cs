using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>What a product does besides multiplying, on parts of its operands that are near.</summary>
internal static unsafe class GemmFinish
{
    /// <summary>c += x over rows that are <paramref name="step"/> apart. Scalar: one element after another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(T* c, T* x, nint step, int rows, int columns)
        where T : unmanaged
    {
        for (; rows > 0; rows--, c += step, x += step)
        {
            int i = 0;
            for (; i <= columns - Vector512<T>.Count; i += Vector512<T>.Count)
                Lanes.Put(Vector512.Load(x + i), c + i, add: true);
            if (i < columns)
                Lanes.PutTail(VectorTail.Load(x + i, columns - i), c + i, columns - i, add: true);
        }
    }

    /// <summary>y = f(c) over rows that are <paramref name="step"/> apart.
    /// Scalar: <see cref="IUnary{TSelf}.Apply{T}"/>.</summary>
    /// <remarks>Whole tiles in one call: f's constants are loaded once.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Map<TOp, T>(T* c, T* y, nint step, int rows, int columns)
        where TOp : struct, IUnary<TOp>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (; rows > 0; rows--, c += step, y += step)
        {
            int i = 0;
            for (; i <= columns - Vector512<T>.Count; i += Vector512<T>.Count)
                TOp.ApplyLanes(Vector512.Load(c + i)).Store(y + i);
            if (i < columns)
                VectorTail.Store(TOp.ApplyLanes(VectorTail.Load(c + i, columns - i)), y + i, columns - i);
        }
    }

    /// <summary>y[i] = or += Σ_k a[i·rowStep + k·step] in double, k ascending: a product with a column of ones.
    /// a:[rows,k]</summary>
    /// <remarks>Idea: rows that are neighbours share vectors, up to four at a time;
    /// other layouts are rare and go one by one.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RowSums<T>(T* a, nint rowStep, nint step, int rows, int k, double* y, bool add)
        where T : unmanaged
    {
        const int lanes = Doubles.Count;
        int i = 0;
        for (; rowStep == 1 && i <= rows - (4 * lanes); i += 4 * lanes)
        {
            T* at = a + i;
            Vector512<double> s0 = Vector512<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
            for (int kk = 0; kk < k; kk++, at += step)
            {
                s0 += Doubles.Load(at);
                s1 += Doubles.Load(at + lanes);
                s2 += Doubles.Load(at + (2 * lanes));
                s3 += Doubles.Load(at + (3 * lanes));
            }

            Lanes.Put(s0, y + i, add);
            Lanes.Put(s1, y + i + lanes, add);
            Lanes.Put(s2, y + i + (2 * lanes), add);
            Lanes.Put(s3, y + i + (3 * lanes), add);
        }

        for (; rowStep == 1 && i <= rows - lanes; i += lanes)
        {
            T* at = a + i;
            Vector512<double> sum = Vector512<double>.Zero;
            for (int kk = 0; kk < k; kk++, at += step)
                sum += Doubles.Load(at);
            Lanes.Put(sum, y + i, add);
        }

        for (; i < rows; i++)
        {
            T* at = a + (i * rowStep);
            double sum = 0;
            for (int kk = 0; kk < k; kk++, at += step)
                sum += typeof(T) == typeof(float) ? *(float*)at : *(double*)at;
            y[i] = add ? y[i] + sum : sum;
        }
    }

    /// <summary>y = or += x, rounded to y's type.</summary>
    public static void Round<T>(double* x, T* y, int count, Store store)
        where T : unmanaged
    {
        bool add = store == Store.Add;
        int i = 0;
        for (; i <= count - Doubles.Count; i += Doubles.Count)
            Doubles.Put(Vector512.Load(x + i), y + i, add);
        if (i < count)
            Doubles.PutTail(VectorTail.Load(x + i, count - i), y + i, count - i, add);
    }
}
