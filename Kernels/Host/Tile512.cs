using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>Register tile of 12 rows by two 512-bit vectors.</summary>
/// <remarks>
/// Idea: 24 of the 32 AVX-512 registers hold the sums;
/// the whole tile stays in registers while k runs; each step loads two vectors of B and broadcasts one scalar of A per row.
/// Scalar equivalent: for each (i, j): acc = 0; for k ascending: acc = fma(a[i,k], b[k,j], acc);
/// then c = acc or c + acc, then + bias[j]. One kernel per row count, so that leftover rows cost what they are.
/// </remarks>
internal readonly unsafe struct Tile512<T> : ITile<T>
    where T : unmanaged
{
    /// <summary>Rows of B that are asked for in advance: some 400 cycles, as long as memory takes.</summary>
    private const int RowsAhead = 32;

    /// <inheritdoc/>
    public static int Lanes => Vector512<T>.Count;

    /// <inheritdoc/>
    public static int Rows => 12;

    /// <inheritdoc/>
    public static int Fit(int rows) => rows >= 12 ? 12 : rows >= 8 ? 8 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;

    /// <inheritdoc/>
    public static void Run(
        int rows, nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, T* c, nint ldc, Store store, T* bias)
    {
        switch (rows)
        {
            case 12: Rows12<Reading>(k, a, rowStep, stepA, b, stepB, null, c, ldc, store, bias); break;
            case 8: Rows8(k, a, rowStep, stepA, b, stepB, c, ldc, store, bias); break;
            case 4: Rows4(k, a, rowStep, stepA, b, stepB, c, ldc, store, bias); break;
            case 2: Rows2(k, a, rowStep, stepA, b, stepB, c, ldc, store, bias); break;
            case 1: Rows1(k, a, rowStep, stepA, b, stepB, c, ldc, store, bias); break;
            default: throw new ArgumentOutOfRangeException(nameof(rows));
        }
    }

    /// <inheritdoc/>
    public static bool RunNarrow(int rows, nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, TileEdge<T> c)
    {
        for (int first = 0; first < c.Lanes; first += Lanes)
            TileNarrow512<T>.Run(rows, k, a, rowStep, stepA, b + first, stepB, c.Right(first, Lanes));
        return true;
    }

    /// <inheritdoc/>
    public static bool PacksAlong => true;

    /// <inheritdoc/>
    public static void RunPacking(
        nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, T* panel, T* c, nint ldc, Store store, T* bias) =>
        Rows12<Packing>(k, a, rowStep, stepA, b, stepB, panel, c, ldc, store, bias);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows12<TB>(
        nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, T* panel, T* c, nint ldc, Store store, T* bias)
        where TB : struct, IFactor
    {
        T* p0 = a;
        T* p3 = a + (3 * rowStep);
        T* p6 = a + (6 * rowStep);
        T* p9 = a + (9 * rowStep);
        Vector512<T> c0x0 = Vector512<T>.Zero, c0x1 = Vector512<T>.Zero;
        Vector512<T> c1x0 = Vector512<T>.Zero, c1x1 = Vector512<T>.Zero;
        Vector512<T> c2x0 = Vector512<T>.Zero, c2x1 = Vector512<T>.Zero;
        Vector512<T> c3x0 = Vector512<T>.Zero, c3x1 = Vector512<T>.Zero;
        Vector512<T> c4x0 = Vector512<T>.Zero, c4x1 = Vector512<T>.Zero;
        Vector512<T> c5x0 = Vector512<T>.Zero, c5x1 = Vector512<T>.Zero;
        Vector512<T> c6x0 = Vector512<T>.Zero, c6x1 = Vector512<T>.Zero;
        Vector512<T> c7x0 = Vector512<T>.Zero, c7x1 = Vector512<T>.Zero;
        Vector512<T> c8x0 = Vector512<T>.Zero, c8x1 = Vector512<T>.Zero;
        Vector512<T> c9x0 = Vector512<T>.Zero, c9x1 = Vector512<T>.Zero;
        Vector512<T> c10x0 = Vector512<T>.Zero, c10x1 = Vector512<T>.Zero;
        Vector512<T> c11x0 = Vector512<T>.Zero, c11x1 = Vector512<T>.Zero;
        for (; k > 0; k--)
        {
            Vector512<T> b0 = Vector512.Load(b), b1 = Vector512.Load(b + Lanes);
            if (TB.IsPacked)
            {
                Simd.Prefetch(b + (RowsAhead * stepB));
                Simd.Prefetch(b + (RowsAhead * stepB) + Lanes);
                b0.Store(panel);
                b1.Store(panel + Lanes);
                panel += 2 * Lanes;
            }

            Vector512<T> a0 = Vector512.Create(*p0);
            c0x0 = Simd.Fma(a0, b0, c0x0);
            c0x1 = Simd.Fma(a0, b1, c0x1);
            Vector512<T> a1 = Vector512.Create(*(p0 + rowStep));
            c1x0 = Simd.Fma(a1, b0, c1x0);
            c1x1 = Simd.Fma(a1, b1, c1x1);
            Vector512<T> a2 = Vector512.Create(*(p0 + (2 * rowStep)));
            c2x0 = Simd.Fma(a2, b0, c2x0);
            c2x1 = Simd.Fma(a2, b1, c2x1);
            Vector512<T> a3 = Vector512.Create(*p3);
            c3x0 = Simd.Fma(a3, b0, c3x0);
            c3x1 = Simd.Fma(a3, b1, c3x1);
            Vector512<T> a4 = Vector512.Create(*(p3 + rowStep));
            c4x0 = Simd.Fma(a4, b0, c4x0);
            c4x1 = Simd.Fma(a4, b1, c4x1);
            Vector512<T> a5 = Vector512.Create(*(p3 + (2 * rowStep)));
            c5x0 = Simd.Fma(a5, b0, c5x0);
            c5x1 = Simd.Fma(a5, b1, c5x1);
            Vector512<T> a6 = Vector512.Create(*p6);
            c6x0 = Simd.Fma(a6, b0, c6x0);
            c6x1 = Simd.Fma(a6, b1, c6x1);
            Vector512<T> a7 = Vector512.Create(*(p6 + rowStep));
            c7x0 = Simd.Fma(a7, b0, c7x0);
            c7x1 = Simd.Fma(a7, b1, c7x1);
            Vector512<T> a8 = Vector512.Create(*(p6 + (2 * rowStep)));
            c8x0 = Simd.Fma(a8, b0, c8x0);
            c8x1 = Simd.Fma(a8, b1, c8x1);
            Vector512<T> a9 = Vector512.Create(*p9);
            c9x0 = Simd.Fma(a9, b0, c9x0);
            c9x1 = Simd.Fma(a9, b1, c9x1);
            Vector512<T> a10 = Vector512.Create(*(p9 + rowStep));
            c10x0 = Simd.Fma(a10, b0, c10x0);
            c10x1 = Simd.Fma(a10, b1, c10x1);
            Vector512<T> a11 = Vector512.Create(*(p9 + (2 * rowStep)));
            c11x0 = Simd.Fma(a11, b0, c11x0);
            c11x1 = Simd.Fma(a11, b1, c11x1);
            p0 += stepA;
            p3 += stepA;
            p6 += stepA;
            p9 += stepA;
            b += stepB;
        }

        Put(c0x0, c0x1, c, store, bias);
        Put(c1x0, c1x1, c + ldc, store, bias);
        Put(c2x0, c2x1, c + (2 * ldc), store, bias);
        Put(c3x0, c3x1, c + (3 * ldc), store, bias);
        Put(c4x0, c4x1, c + (4 * ldc), store, bias);
        Put(c5x0, c5x1, c + (5 * ldc), store, bias);
        Put(c6x0, c6x1, c + (6 * ldc), store, bias);
        Put(c7x0, c7x1, c + (7 * ldc), store, bias);
        Put(c8x0, c8x1, c + (8 * ldc), store, bias);
        Put(c9x0, c9x1, c + (9 * ldc), store, bias);
        Put(c10x0, c10x1, c + (10 * ldc), store, bias);
        Put(c11x0, c11x1, c + (11 * ldc), store, bias);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows8(nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, T* c, nint ldc, Store store, T* bias)
    {
        T* p0 = a;
        T* p3 = a + (3 * rowStep);
        T* p6 = a + (6 * rowStep);
        Vector512<T> c0x0 = Vector512<T>.Zero, c0x1 = Vector512<T>.Zero;
        Vector512<T> c1x0 = Vector512<T>.Zero, c1x1 = Vector512<T>.Zero;
        Vector512<T> c2x0 = Vector512<T>.Zero, c2x1 = Vector512<T>.Zero;
        Vector512<T> c3x0 = Vector512<T>.Zero, c3x1 = Vector512<T>.Zero;
        Vector512<T> c4x0 = Vector512<T>.Zero, c4x1 = Vector512<T>.Zero;
        Vector512<T> c5x0 = Vector512<T>.Zero, c5x1 = Vector512<T>.Zero;
        Vector512<T> c6x0 = Vector512<T>.Zero, c6x1 = Vector512<T>.Zero;
        Vector512<T> c7x0 = Vector512<T>.Zero, c7x1 = Vector512<T>.Zero;
        for (; k > 0; k--)
        {
            Vector512<T> b0 = Vector512.Load(b), b1 = Vector512.Load(b + Lanes);
            Vector512<T> a0 = Vector512.Create(*p0);
            c0x0 = Simd.Fma(a0, b0, c0x0);
            c0x1 = Simd.Fma(a0, b1, c0x1);
            Vector512<T> a1 = Vector512.Create(*(p0 + rowStep));
            c1x0 = Simd.Fma(a1, b0, c1x0);
            c1x1 = Simd.Fma(a1, b1, c1x1);
            Vector512<T> a2 = Vector512.Create(*(p0 + (2 * rowStep)));
            c2x0 = Simd.Fma(a2, b0, c2x0);
            c2x1 = Simd.Fma(a2, b1, c2x1);
            Vector512<T> a3 = Vector512.Create(*p3);
            c3x0 = Simd.Fma(a3, b0, c3x0);
            c3x1 = Simd.Fma(a3, b1, c3x1);
            Vector512<T> a4 = Vector512.Create(*(p3 + rowStep));
            c4x0 = Simd.Fma(a4, b0, c4x0);
            c4x1 = Simd.Fma(a4, b1, c4x1);
            Vector512<T> a5 = Vector512.Create(*(p3 + (2 * rowStep)));
            c5x0 = Simd.Fma(a5, b0, c5x0);
            c5x1 = Simd.Fma(a5, b1, c5x1);
            Vector512<T> a6 = Vector512.Create(*p6);
            c6x0 = Simd.Fma(a6, b0, c6x0);
            c6x1 = Simd.Fma(a6, b1, c6x1);
            Vector512<T> a7 = Vector512.Create(*(p6 + rowStep));
            c7x0 = Simd.Fma(a7, b0, c7x0);
            c7x1 = Simd.Fma(a7, b1, c7x1);
            p0 += stepA;
            p3 += stepA;
            p6 += stepA;
            b += stepB;
        }

        Put(c0x0, c0x1, c, store, bias);
        Put(c1x0, c1x1, c + ldc, store, bias);
        Put(c2x0, c2x1, c + (2 * ldc), store, bias);
        Put(c3x0, c3x1, c + (3 * ldc), store, bias);
        Put(c4x0, c4x1, c + (4 * ldc), store, bias);
        Put(c5x0, c5x1, c + (5 * ldc), store, bias);
        Put(c6x0, c6x1, c + (6 * ldc), store, bias);
        Put(c7x0, c7x1, c + (7 * ldc), store, bias);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rows4(nint k, T* a, nint rowStep, nint stepA, T* b, nint stepB, T* c, nint ldc, Store store, T* bias)
    {
        T* p0 = a;
        T* p3 = a + (3 * rowStep);
        Vector512<T> c0x0 = Vector512<T>.Zero, c0x1 = Vector512<T>.Zero;
        Vector512<T> c1x0 = Vector512<T>.Zero, c1x1 = Vector512<T>.Zero;
        Vector512<T> c2x0 = Vector512<T>.Zero, c2x1 = Vector512<T>.Zero;
        Vector512<T> c3x0 = Vector512<T>.Zero, c3x1 = Vector512<T>.Zero;
        for (; k > 0; k--)
        {
            Vector512<T> b0 = Vector512.Load(b), b1 = Vector512.Load(b + Lanes);
            Vector512<T> a0 = Vector512.Create(*p0);
            c0x0 = Simd.Fma(a0, b0, c0x0);
            c0x1 = Simd.Fma(a0, b1, c0x1);
            Vector512<T> a1 = Vector512.Create(*(p0 + rowStep));
            c1x0 = Simd.Fma(a1, b0, c1x0);
            c1x1 = Simd.Fma(a1, b1, c1x1);
            Vector512<T> a2 = Vector512.Create(*(p0 + (2 * rowStep)));
            c2x0 = Simd.Fma(a2, b0, c2x0);
            c2x1 = Simd.Fma(a2, b1, c2x1);
            Vector512<T> a3 = Vector512.Create(*p3);
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
        Vector512<T> c0x0 = Vector512<T>.Zero, c0x1 = Vector512<T>.Zero;
        Vector512<T> c1x0 = Vector512<T>.Zero, c1x1 = Vector512<T>.Zero;
        for (; k > 0; k--)
        {
            Vector512<T> b0 = Vector512.Load(b), b1 = Vector512.Load(b + Lanes);
            Vector512<T> a0 = Vector512.Create(*p0);
            c0x0 = Simd.Fma(a0, b0, c0x0);
            c0x1 = Simd.Fma(a0, b1, c0x1);
            Vector512<T> a1 = Vector512.Create(*(p0 + rowStep));
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
        Vector512<T> c0x0 = Vector512<T>.Zero, c0x1 = Vector512<T>.Zero;
        for (; k > 0; k--)
        {
            Vector512<T> b0 = Vector512.Load(b), b1 = Vector512.Load(b + Lanes);
            Vector512<T> a0 = Vector512.Create(*p0);
            c0x0 = Simd.Fma(a0, b0, c0x0);
            c0x1 = Simd.Fma(a0, b1, c0x1);
            p0 += stepA;
            b += stepB;
        }

        Put(c0x0, c0x1, c, store, bias);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector512<T> v0, Vector512<T> v1, T* c, Store store, T* bias)
    {
        if (store == Store.Add)
        {
            v0 = Vector512.Load(c) + v0;
            v1 = Vector512.Load(c + Lanes) + v1;
        }

        if (bias != null)
        {
            v0 += Vector512.Load(bias);
            v1 += Vector512.Load(bias + Lanes);
        }

        v0.Store(c);
        v1.Store(c + Lanes);
    }

    /// <summary>What happens to B while it is read: known when the kernel is compiled, so that one source makes two.</summary>
    private interface IFactor
    {
        /// <summary>Its rows, which are far apart, are asked for in advance and copied into a panel.</summary>
        static abstract bool IsPacked { get; }
    }

    private readonly struct Reading : IFactor
    {
        public static bool IsPacked => false;
    }

    private readonly struct Packing : IFactor
    {
        public static bool IsPacked => true;
    }
}
