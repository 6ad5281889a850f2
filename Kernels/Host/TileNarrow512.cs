using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>Register tile of 12 rows by one 512-bit vector, for columns that do not fill a <see cref="Tile512{T}"/>.</summary>
/// <remarks>
/// Idea: few columns cost one multiply-add a row instead of two, and masked stores leave what is right of C alone.
/// Scalar equivalent: that of <see cref="Tile512{T}"/>.
/// </remarks>
internal static unsafe class TileNarrow512<T>
    where T : unmanaged
{
    /// <summary>C[rows, lanes] = or += Σ_k A[i,k]·B[k,j], then + bias[j] where given; B has a whole vector for each k.</summary>
    public static void Run(int rows, nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, TileEdge<T> c)
    {
        for (; rows >= 12; rows -= 12, a += 12 * rowStep, c = c.Down(12))
            Rows12(k, a, rowStep, stepA, b, stepB, c);
        for (; rows >= 4; rows -= 4, a += 4 * rowStep, c = c.Down(4))
            Rows4(k, a, rowStep, stepA, b, stepB, c);
        for (; rows > 0; rows--, a += rowStep, c = c.Down(1))
            Rows1(k, a, stepA, b, stepB, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows12(nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, in TileEdge<T> c)
    {
        T* p0 = a;
        T* p3 = a + (3 * rowStep);
        T* p6 = a + (6 * rowStep);
        T* p9 = a + (9 * rowStep);
        Vector512<T> c0 = Vector512<T>.Zero, c1 = Vector512<T>.Zero, c2 = Vector512<T>.Zero, c3 = Vector512<T>.Zero;
        Vector512<T> c4 = Vector512<T>.Zero, c5 = Vector512<T>.Zero, c6 = Vector512<T>.Zero, c7 = Vector512<T>.Zero;
        Vector512<T> c8 = Vector512<T>.Zero, c9 = Vector512<T>.Zero, c10 = Vector512<T>.Zero, c11 = Vector512<T>.Zero;
        for (; k > 0; k--)
        {
            Vector512<T> b0 = Vector512.Load(b);
            c0 = Simd.Fma(Vector512.Create(*p0), b0, c0);
            c1 = Simd.Fma(Vector512.Create(*(p0 + rowStep)), b0, c1);
            c2 = Simd.Fma(Vector512.Create(*(p0 + (2 * rowStep))), b0, c2);
            c3 = Simd.Fma(Vector512.Create(*p3), b0, c3);
            c4 = Simd.Fma(Vector512.Create(*(p3 + rowStep)), b0, c4);
            c5 = Simd.Fma(Vector512.Create(*(p3 + (2 * rowStep))), b0, c5);
            c6 = Simd.Fma(Vector512.Create(*p6), b0, c6);
            c7 = Simd.Fma(Vector512.Create(*(p6 + rowStep)), b0, c7);
            c8 = Simd.Fma(Vector512.Create(*(p6 + (2 * rowStep))), b0, c8);
            c9 = Simd.Fma(Vector512.Create(*p9), b0, c9);
            c10 = Simd.Fma(Vector512.Create(*(p9 + rowStep)), b0, c10);
            c11 = Simd.Fma(Vector512.Create(*(p9 + (2 * rowStep))), b0, c11);
            p0 += stepA;
            p3 += stepA;
            p6 += stepA;
            p9 += stepA;
            b += stepB;
        }

        Put(c0, c, 0);
        Put(c1, c, 1);
        Put(c2, c, 2);
        Put(c3, c, 3);
        Put(c4, c, 4);
        Put(c5, c, 5);
        Put(c6, c, 6);
        Put(c7, c, 7);
        Put(c8, c, 8);
        Put(c9, c, 9);
        Put(c10, c, 10);
        Put(c11, c, 11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4(nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, in TileEdge<T> c)
    {
        T* p0 = a;
        T* p3 = a + (3 * rowStep);
        Vector512<T> c0 = Vector512<T>.Zero, c1 = Vector512<T>.Zero, c2 = Vector512<T>.Zero, c3 = Vector512<T>.Zero;
        for (; k > 0; k--)
        {
            Vector512<T> b0 = Vector512.Load(b);
            c0 = Simd.Fma(Vector512.Create(*p0), b0, c0);
            c1 = Simd.Fma(Vector512.Create(*(p0 + rowStep)), b0, c1);
            c2 = Simd.Fma(Vector512.Create(*(p0 + (2 * rowStep))), b0, c2);
            c3 = Simd.Fma(Vector512.Create(*p3), b0, c3);
            p0 += stepA;
            p3 += stepA;
            b += stepB;
        }

        Put(c0, c, 0);
        Put(c1, c, 1);
        Put(c2, c, 2);
        Put(c3, c, 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1(nint k, T* a, nint stepA, T* b, nint stepB, in TileEdge<T> c)
    {
        T* p0 = a;
        Vector512<T> c0 = Vector512<T>.Zero;
        for (; k > 0; k--)
        {
            Vector512<T> b0 = Vector512.Load(b);
            c0 = Simd.Fma(Vector512.Create(*p0), b0, c0);
            p0 += stepA;
            b += stepB;
        }

        Put(c0, c, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector512<T> value, in TileEdge<T> c, int row)
    {
        T* at = c.C + (row * c.Ldc);
        if (c.Store == Store.Add)
            value = VectorTail.Load(at, c.Lanes) + value;
        if (c.Bias != null)
            value += VectorTail.Load(c.Bias, c.Lanes);
        VectorTail.Store(value, at, c.Lanes);
    }
}
