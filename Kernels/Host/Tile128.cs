using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>Register tile of 6 rows by two 128-bit vectors.</summary>
/// <remarks>
/// Idea: the portable tile (SSE, NEON, software), 12 registers of sums;
/// the whole tile stays in registers while k runs; each step loads two vectors of B and broadcasts one scalar of A per row.
/// Scalar equivalent: for each (i, j): acc = 0; for k ascending: acc = fma(a[i,k], b[k,j], acc);
/// then c = acc or c + acc, then + bias[j]. One kernel per row count, so that leftover rows cost what they are.
/// </remarks>
internal readonly unsafe struct Tile128<T> : ITile<T>
    where T : unmanaged
{
    /// <inheritdoc/>
    public static int Lanes => Vector128<T>.Count;

    /// <inheritdoc/>
    public static int Rows => 6;

    /// <inheritdoc/>
    public static int Fit(int rows) => rows >= 6 ? 6 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;

    /// <inheritdoc/>
    public static void Run(
        int rows, nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, T* c, nint ldc, Store store, T* bias)
    {
        switch (rows)
        {
            case 6: Rows6(k, a, rowStep, stepA, b, stepB, c, ldc, store, bias); break;
            case 4: Rows4(k, a, rowStep, stepA, b, stepB, c, ldc, store, bias); break;
            case 2: Rows2(k, a, rowStep, stepA, b, stepB, c, ldc, store, bias); break;
            case 1: Rows1(k, a, rowStep, stepA, b, stepB, c, ldc, store, bias); break;
            default: throw new ArgumentOutOfRangeException(nameof(rows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows6(nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, T* c, nint ldc, Store store, T* bias)
    {
        T* p0 = a;
        T* p3 = a + (3 * rowStep);
        Vector128<T> c0x0 = Vector128<T>.Zero, c0x1 = Vector128<T>.Zero;
        Vector128<T> c1x0 = Vector128<T>.Zero, c1x1 = Vector128<T>.Zero;
        Vector128<T> c2x0 = Vector128<T>.Zero, c2x1 = Vector128<T>.Zero;
        Vector128<T> c3x0 = Vector128<T>.Zero, c3x1 = Vector128<T>.Zero;
        Vector128<T> c4x0 = Vector128<T>.Zero, c4x1 = Vector128<T>.Zero;
        Vector128<T> c5x0 = Vector128<T>.Zero, c5x1 = Vector128<T>.Zero;
        for (; k > 0; k--)
        {
            Vector128<T> b0 = Vector128.Load(b), b1 = Vector128.Load(b + Lanes);
            Vector128<T> a0 = Vector128.Create(*p0);
            c0x0 = Simd.Fma(a0, b0, c0x0);
            c0x1 = Simd.Fma(a0, b1, c0x1);
            Vector128<T> a1 = Vector128.Create(*(p0 + rowStep));
            c1x0 = Simd.Fma(a1, b0, c1x0);
            c1x1 = Simd.Fma(a1, b1, c1x1);
            Vector128<T> a2 = Vector128.Create(*(p0 + (2 * rowStep)));
            c2x0 = Simd.Fma(a2, b0, c2x0);
            c2x1 = Simd.Fma(a2, b1, c2x1);
            Vector128<T> a3 = Vector128.Create(*p3);
            c3x0 = Simd.Fma(a3, b0, c3x0);
            c3x1 = Simd.Fma(a3, b1, c3x1);
            Vector128<T> a4 = Vector128.Create(*(p3 + rowStep));
            c4x0 = Simd.Fma(a4, b0, c4x0);
            c4x1 = Simd.Fma(a4, b1, c4x1);
            Vector128<T> a5 = Vector128.Create(*(p3 + (2 * rowStep)));
            c5x0 = Simd.Fma(a5, b0, c5x0);
            c5x1 = Simd.Fma(a5, b1, c5x1);
            p0 += stepA;
            p3 += stepA;
            b += stepB;
        }

        Put(c0x0, c0x1, c, store, bias);
        Put(c1x0, c1x1, c + ldc, store, bias);
        Put(c2x0, c2x1, c + (2 * ldc), store, bias);
        Put(c3x0, c3x1, c + (3 * ldc), store, bias);
        Put(c4x0, c4x1, c + (4 * ldc), store, bias);
        Put(c5x0, c5x1, c + (5 * ldc), store, bias);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4(nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, T* c, nint ldc, Store store, T* bias)
    {
        T* p0 = a;
        T* p3 = a + (3 * rowStep);
        Vector128<T> c0x0 = Vector128<T>.Zero, c0x1 = Vector128<T>.Zero;
        Vector128<T> c1x0 = Vector128<T>.Zero, c1x1 = Vector128<T>.Zero;
        Vector128<T> c2x0 = Vector128<T>.Zero, c2x1 = Vector128<T>.Zero;
        Vector128<T> c3x0 = Vector128<T>.Zero, c3x1 = Vector128<T>.Zero;
        for (; k > 0; k--)
        {
            Vector128<T> b0 = Vector128.Load(b), b1 = Vector128.Load(b + Lanes);
            Vector128<T> a0 = Vector128.Create(*p0);
            c0x0 = Simd.Fma(a0, b0, c0x0);
            c0x1 = Simd.Fma(a0, b1, c0x1);
            Vector128<T> a1 = Vector128.Create(*(p0 + rowStep));
            c1x0 = Simd.Fma(a1, b0, c1x0);
            c1x1 = Simd.Fma(a1, b1, c1x1);
            Vector128<T> a2 = Vector128.Create(*(p0 + (2 * rowStep)));
            c2x0 = Simd.Fma(a2, b0, c2x0);
            c2x1 = Simd.Fma(a2, b1, c2x1);
            Vector128<T> a3 = Vector128.Create(*p3);
            c3x0 = Simd.Fma(a3, b0, c3x0);
            c3x1 = Simd.Fma(a3, b1, c3x1);
            p0 += stepA;
            p3 += stepA;
            b += stepB;
        }

        Put(c0x0, c0x1, c, store, bias);
        Put(c1x0, c1x1, c + ldc, store, bias);
        Put(c2x0, c2x1, c + (2 * ldc), store, bias);
        Put(c3x0, c3x1, c + (3 * ldc), store, bias);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows2(nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, T* c, nint ldc, Store store, T* bias)
    {
        T* p0 = a;
        Vector128<T> c0x0 = Vector128<T>.Zero, c0x1 = Vector128<T>.Zero;
        Vector128<T> c1x0 = Vector128<T>.Zero, c1x1 = Vector128<T>.Zero;
        for (; k > 0; k--)
        {
            Vector128<T> b0 = Vector128.Load(b), b1 = Vector128.Load(b + Lanes);
            Vector128<T> a0 = Vector128.Create(*p0);
            c0x0 = Simd.Fma(a0, b0, c0x0);
            c0x1 = Simd.Fma(a0, b1, c0x1);
            Vector128<T> a1 = Vector128.Create(*(p0 + rowStep));
            c1x0 = Simd.Fma(a1, b0, c1x0);
            c1x1 = Simd.Fma(a1, b1, c1x1);
            p0 += stepA;
            b += stepB;
        }

        Put(c0x0, c0x1, c, store, bias);
        Put(c1x0, c1x1, c + ldc, store, bias);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows1(nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, T* c, nint ldc, Store store, T* bias)
    {
        T* p0 = a;
        Vector128<T> c0x0 = Vector128<T>.Zero, c0x1 = Vector128<T>.Zero;
        for (; k > 0; k--)
        {
            Vector128<T> b0 = Vector128.Load(b), b1 = Vector128.Load(b + Lanes);
            Vector128<T> a0 = Vector128.Create(*p0);
            c0x0 = Simd.Fma(a0, b0, c0x0);
            c0x1 = Simd.Fma(a0, b1, c0x1);
            p0 += stepA;
            b += stepB;
        }

        Put(c0x0, c0x1, c, store, bias);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector128<T> v0, Vector128<T> v1, T* c, Store store, T* bias)
    {
        if (store == Store.Add)
        {
            v0 = Vector128.Load(c) + v0;
            v1 = Vector128.Load(c + Lanes) + v1;
        }

        if (bias != null)
        {
            v0 += Vector128.Load(bias);
            v1 += Vector128.Load(bias + Lanes);
        }

        v0.Store(c);
        v1.Store(c + Lanes);
    }
}
