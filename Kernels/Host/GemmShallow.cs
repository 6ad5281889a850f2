using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>Sums of at most <see cref="MostK"/> products, as in outer products: what counts there is how fast C is
/// stored.</summary>
/// <remarks>
/// Idea: two vectors of each row of B stay in registers while the rows of C go by, one after another without a tile's beginning
/// and end, which would cost more than its few products.
/// Scalar equivalent: that of <see cref="Tile512{T}"/>.
/// </remarks>
internal static unsafe class GemmShallow<T>
    where T : unmanaged
{
    /// <summary>The longest sum: B then takes half of the AVX-512 registers.</summary>
    public const int MostK = 8;

    private static int Lanes => Vector512<T>.Count;

    /// <summary>C[rows, columns] = or += Σ_k A[i,k]·B[k,j], bias, and what follows the sums.</summary>
    /// <param name="k">Length of the sum, 1 to <see cref="MostK"/>.</param>
    /// <param name="a">A's first row.</param>
    /// <param name="rowStep">Elements from a row of A to the next.</param>
    /// <param name="stepA">Elements from a k of A to the next.</param>
    /// <param name="b">B's first column; a row's columns are neighbours.</param>
    /// <param name="ldb">Elements from a row of B to the next.</param>
    /// <param name="into">C whole.</param>
    /// <param name="c">C's first element to compute.</param>
    /// <param name="bias">The bias of the first column, or null.</param>
    /// <param name="rows">Rows to compute.</param>
    /// <param name="columns">Columns to compute.</param>
    public static void Run(
        int k, T* a, nint rowStep, nint stepA, T* b, nint ldb, in GemmTarget<T> into, T* c, T* bias, int rows, int columns)
    {
        if (k <= 2)
        {
            for (int i = 0; i < rows; i++, a += rowStep, c += into.Ldc)
            {
                Row(*a, k > 1 ? a[stepA] : default, k, b, ldb, c, columns, into.Store, bias);
                into.Finish(c, 1, columns);
            }

            return;
        }

        for (int j = 0; j < columns; j += 2 * Lanes)
        {
            int count = Math.Min(2 * Lanes, columns - j);
            T* more = bias == null ? null : bias + j;
            Strip(k, a, rowStep, stepA, b + j, ldb, c + j, into.Ldc, rows, count, into.Store, more);
            into.Finish(c + j, rows, count);
        }
    }

    /// <summary>A row of C as it lies in memory: with one or two products an element, storing is all there is to do.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(T a0, T a1, int k, T* b, nint ldb, T* c, int columns, Store store, T* bias)
    {
        Vector512<T> x0 = Vector512.Create(a0), x1 = Vector512.Create(a1);
        T* b1 = k > 1 ? b + ldb : b;
        bool plain = store == Store.Write && bias == null;
        int j = 0;
        for (; plain && j <= columns - (4 * Lanes); j += 4 * Lanes)
        {
            Vector512<T> c0 = Simd.Fma(x0, Vector512.Load(b + j), Vector512<T>.Zero);
            Vector512<T> c1 = Simd.Fma(x0, Vector512.Load(b + j + Lanes), Vector512<T>.Zero);
            Vector512<T> c2 = Simd.Fma(x0, Vector512.Load(b + j + (2 * Lanes)), Vector512<T>.Zero);
            Vector512<T> c3 = Simd.Fma(x0, Vector512.Load(b + j + (3 * Lanes)), Vector512<T>.Zero);
            if (k > 1)
            {
                c0 = Simd.Fma(x1, Vector512.Load(b1 + j), c0);
                c1 = Simd.Fma(x1, Vector512.Load(b1 + j + Lanes), c1);
                c2 = Simd.Fma(x1, Vector512.Load(b1 + j + (2 * Lanes)), c2);
                c3 = Simd.Fma(x1, Vector512.Load(b1 + j + (3 * Lanes)), c3);
            }

            c0.Store(c + j);
            c1.Store(c + j + Lanes);
            c2.Store(c + j + (2 * Lanes));
            c3.Store(c + j + (3 * Lanes));
        }

        for (; j < columns; j += Lanes)
        {
            int count = Math.Min(Lanes, columns - j);
            Vector512<T> sum = Simd.Fma(x0, Load(b + j, count), Vector512<T>.Zero);
            if (k > 1) sum = Simd.Fma(x1, Load(b1 + j, count), sum);
            if (store == Store.Add) sum = Load(c + j, count) + sum;
            if (bias != null) sum += Load(bias + j, count);
            VectorTail.Store(sum, c + j, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strip(
        int k, T* a, nint rowStep, nint stepA, T* b, nint ldb, T* c, nint ldc, int rows, int count, Store store, T* bias)
    {
        int first = Math.Min(count, Lanes), second = count - first;
        bool whole = second == Lanes, add = store == Store.Add;
        Vector512<T> b0x0 = Load(b, first), b0x1 = Load(b + Lanes, second);
        Vector512<T> b1x0 = default, b1x1 = default, b2x0 = default, b2x1 = default, b3x0 = default, b3x1 = default;
        Vector512<T> b4x0 = default, b4x1 = default, b5x0 = default, b5x1 = default, b6x0 = default, b6x1 = default;
        Vector512<T> b7x0 = default, b7x1 = default;
        if (k > 1) (b1x0, b1x1) = (Load(b + ldb, first), Load(b + ldb + Lanes, second));
        if (k > 2) (b2x0, b2x1) = (Load(b + (2 * ldb), first), Load(b + (2 * ldb) + Lanes, second));
        if (k > 3) (b3x0, b3x1) = (Load(b + (3 * ldb), first), Load(b + (3 * ldb) + Lanes, second));
        if (k > 4) (b4x0, b4x1) = (Load(b + (4 * ldb), first), Load(b + (4 * ldb) + Lanes, second));
        if (k > 5) (b5x0, b5x1) = (Load(b + (5 * ldb), first), Load(b + (5 * ldb) + Lanes, second));
        if (k > 6) (b6x0, b6x1) = (Load(b + (6 * ldb), first), Load(b + (6 * ldb) + Lanes, second));
        if (k > 7) (b7x0, b7x1) = (Load(b + (7 * ldb), first), Load(b + (7 * ldb) + Lanes, second));
        Vector512<T> bias0 = bias == null ? default : Load(bias, first);
        Vector512<T> bias1 = bias == null ? default : Load(bias + Lanes, second);
        for (; rows > 0; rows--, a += rowStep, c += ldc)
        {
            T* at = a;
            Vector512<T> x = Vector512.Create(*at);
            Vector512<T> c0 = Simd.Fma(x, b0x0, Vector512<T>.Zero), c1 = Simd.Fma(x, b0x1, Vector512<T>.Zero);
            if (k > 1) Step(at += stepA, b1x0, b1x1, ref c0, ref c1);
            if (k > 2) Step(at += stepA, b2x0, b2x1, ref c0, ref c1);
            if (k > 3) Step(at += stepA, b3x0, b3x1, ref c0, ref c1);
            if (k > 4) Step(at += stepA, b4x0, b4x1, ref c0, ref c1);
            if (k > 5) Step(at += stepA, b5x0, b5x1, ref c0, ref c1);
            if (k > 6) Step(at += stepA, b6x0, b6x1, ref c0, ref c1);
            if (k > 7) Step(at += stepA, b7x0, b7x1, ref c0, ref c1);
            if (add)
            {
                c0 = Load(c, first) + c0;
                c1 = Load(c + Lanes, second) + c1;
            }

            if (bias != null)
            {
                c0 += bias0;
                c1 += bias1;
            }

            if (whole)
            {
                c0.Store(c);
                c1.Store(c + Lanes);
            }
            else
            {
                VectorTail.Store(c0, c, first);
                VectorTail.Store(c1, c + Lanes, second);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(T* a, Vector512<T> b0, Vector512<T> b1, ref Vector512<T> c0, ref Vector512<T> c1)
    {
        Vector512<T> x = Vector512.Create(*a);
        c0 = Simd.Fma(x, b0, c0);
        c1 = Simd.Fma(x, b1, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Load(T* x, int count) => count == Lanes ? Vector512.Load(x) : VectorTail.Load(x, count);
}
