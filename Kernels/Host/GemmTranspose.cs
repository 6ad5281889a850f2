using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutogradCore.Kernels.Host;

/// <summary>Transposes of panels by square blocks in AVX-512 registers: 16 by 16 floats, 8 by 8 doubles.</summary>
/// <remarks>
/// Idea: a row of a block is one cache line, read once and used up; rounds of shuffles turn its rows into columns.
/// A strip with fewer rows than a block repeats its last row to fill the block: what sticks out of a stored column is overwritten
/// by the strips to its left in the next column, and after the last one falls into the line between panels. So strips go from
/// right to left, and columns are stored in ascending order; lanes of a panel past its rows hold anything.
/// Scalar equivalent: panel[k·width + j] = source[j·step + k].
/// </remarks>
internal static unsafe class GemmTranspose
{
    /// <summary>Transposes the whole blocks of a panel of <paramref name="lanes"/> rows; returns the k they cover.</summary>
    public static int Blocks<T>(T* source, nint step, int lanes, int k, T* panel, int width)
        where T : unmanaged
    {
        int block = Vector512<T>.Count, blocks = k / block;
        for (int j = (lanes - 1) / block * block; j >= 0; j -= block)
        {
            int last = Math.Min(lanes - j, block) - 1;
            if (typeof(T) == typeof(float))
                Strip((float*)source + (j * step), step, last, blocks, (float*)panel + j, width);
            else
                Strip((double*)source + (j * step), step, last, blocks, (double*)panel + j, width);
        }

        return blocks * block;
    }

    /// <summary>Blocks side by side of the rows 0 to <paramref name="last"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strip(float* from, nint step, int last, int blocks, float* to, nint width)
    {
        nint o1 = Math.Min(1, last) * step, o2 = Math.Min(2, last) * step, o3 = Math.Min(3, last) * step;
        nint o4 = Math.Min(4, last) * step, o5 = Math.Min(5, last) * step;
        nint o6 = Math.Min(6, last) * step, o7 = Math.Min(7, last) * step, o8 = Math.Min(8, last) * step;
        nint o9 = Math.Min(9, last) * step, o10 = Math.Min(10, last) * step;
        nint o11 = Math.Min(11, last) * step, o12 = Math.Min(12, last) * step, o13 = Math.Min(13, last) * step;
        nint o14 = Math.Min(14, last) * step, o15 = Math.Min(15, last) * step;
        for (; blocks > 0; blocks--, from += 16, to += 16 * width)
        {
            Vector512<float> r0 = Vector512.Load(from), r1 = Vector512.Load(from + o1);
            Vector512<float> r2 = Vector512.Load(from + o2), r3 = Vector512.Load(from + o3);
            Quads(r0, r1, r2, r3, out var q0x0, out var q0x1, out var q0x2, out var q0x3);
            Vector512<float> r4 = Vector512.Load(from + o4), r5 = Vector512.Load(from + o5);
            Vector512<float> r6 = Vector512.Load(from + o6), r7 = Vector512.Load(from + o7);
            Quads(r4, r5, r6, r7, out var q1x0, out var q1x1, out var q1x2, out var q1x3);
            Vector512<float> r8 = Vector512.Load(from + o8), r9 = Vector512.Load(from + o9);
            Vector512<float> r10 = Vector512.Load(from + o10), r11 = Vector512.Load(from + o11);
            Quads(r8, r9, r10, r11, out var q2x0, out var q2x1, out var q2x2, out var q2x3);
            Vector512<float> r12 = Vector512.Load(from + o12), r13 = Vector512.Load(from + o13);
            Vector512<float> r14 = Vector512.Load(from + o14), r15 = Vector512.Load(from + o15);
            Quads(r12, r13, r14, r15, out var q3x0, out var q3x1, out var q3x2, out var q3x3);
            Columns(q0x0, q1x0, q2x0, q3x0, out var c0, out var c4, out var c8, out var c12);
            Columns(q0x1, q1x1, q2x1, q3x1, out var c1, out var c5, out var c9, out var c13);
            Columns(q0x2, q1x2, q2x2, q3x2, out var c2, out var c6, out var c10, out var c14);
            Columns(q0x3, q1x3, q2x3, q3x3, out var c3, out var c7, out var c11, out var c15);
            c0.Store(to);
            c1.Store(to + width);
            c2.Store(to + (2 * width));
            c3.Store(to + (3 * width));
            c4.Store(to + (4 * width));
            c5.Store(to + (5 * width));
            c6.Store(to + (6 * width));
            c7.Store(to + (7 * width));
            c8.Store(to + (8 * width));
            c9.Store(to + (9 * width));
            c10.Store(to + (10 * width));
            c11.Store(to + (11 * width));
            c12.Store(to + (12 * width));
            c13.Store(to + (13 * width));
            c14.Store(to + (14 * width));
            c15.Store(to + (15 * width));
        }
    }

    /// <inheritdoc cref="Strip(float*, nint, int, int, float*, nint)"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strip(double* from, nint step, int last, int blocks, double* to, nint width)
    {
        nint o1 = Math.Min(1, last) * step, o2 = Math.Min(2, last) * step, o3 = Math.Min(3, last) * step;
        nint o4 = Math.Min(4, last) * step;
        nint o5 = Math.Min(5, last) * step, o6 = Math.Min(6, last) * step, o7 = Math.Min(7, last) * step;
        for (; blocks > 0; blocks--, from += 8, to += 8 * width)
        {
            Pair(Vector512.Load(from), Vector512.Load(from + o1), out var even0, out var odd0);
            Pair(Vector512.Load(from + o2), Vector512.Load(from + o3), out var even1, out var odd1);
            Pair(Vector512.Load(from + o4), Vector512.Load(from + o5), out var even2, out var odd2);
            Pair(Vector512.Load(from + o6), Vector512.Load(from + o7), out var even3, out var odd3);
            Columns(even0, even1, even2, even3, out var c0, out var c2, out var c4, out var c6);
            Columns(odd0, odd1, odd2, odd3, out var c1, out var c3, out var c5, out var c7);
            c0.AsDouble().Store(to);
            c1.AsDouble().Store(to + width);
            c2.AsDouble().Store(to + (2 * width));
            c3.AsDouble().Store(to + (3 * width));
            c4.AsDouble().Store(to + (4 * width));
            c5.AsDouble().Store(to + (5 * width));
            c6.AsDouble().Store(to + (6 * width));
            c7.AsDouble().Store(to + (7 * width));
        }
    }

    /// <summary>Two rows of doubles to (row 0, row 1) at columns 0, 2, 4, 6 and at columns 1, 3, 5, 7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pair(Vector512<double> r0, Vector512<double> r1, out Vector512<float> even, out Vector512<float> odd)
    {
        even = Avx512F.UnpackLow(r0, r1).AsSingle();
        odd = Avx512F.UnpackHigh(r0, r1).AsSingle();
    }

    /// <summary>Four rows to four vectors of (row 0..3 at column i, i + 4, i + 8, i + 12),
    /// by shuffles in 128-bit lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quads(
        Vector512<float> r0, Vector512<float> r1, Vector512<float> r2, Vector512<float> r3,
        out Vector512<float> q0, out Vector512<float> q1, out Vector512<float> q2, out Vector512<float> q3)
    {
        Vector512<double> low01 = Avx512F.UnpackLow(r0, r1).AsDouble(), high01 = Avx512F.UnpackHigh(r0, r1).AsDouble();
        Vector512<double> low23 = Avx512F.UnpackLow(r2, r3).AsDouble(), high23 = Avx512F.UnpackHigh(r2, r3).AsDouble();
        q0 = Avx512F.UnpackLow(low01, low23).AsSingle();
        q1 = Avx512F.UnpackHigh(low01, low23).AsSingle();
        q2 = Avx512F.UnpackLow(high01, high23).AsSingle();
        q3 = Avx512F.UnpackHigh(high01, high23).AsSingle();
    }

    /// <summary>The four groups of rows to columns by moves of whole 128-bit lanes: lane i of all to the i-th column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Columns(
        Vector512<float> q0, Vector512<float> q1, Vector512<float> q2, Vector512<float> q3,
        out Vector512<float> c0, out Vector512<float> c1, out Vector512<float> c2, out Vector512<float> c3)
    {
        const byte lanes01 = 0x44, lanes23 = 0xEE, lanes02 = 0x88, lanes13 = 0xDD;
        Vector512<float> front0 = Avx512F.Shuffle4x128(q0, q1, lanes01), front1 = Avx512F.Shuffle4x128(q2, q3, lanes01);
        Vector512<float> back0 = Avx512F.Shuffle4x128(q0, q1, lanes23), back1 = Avx512F.Shuffle4x128(q2, q3, lanes23);
        c0 = Avx512F.Shuffle4x128(front0, front1, lanes02);
        c1 = Avx512F.Shuffle4x128(front0, front1, lanes13);
        c2 = Avx512F.Shuffle4x128(back0, back1, lanes02);
        c3 = Avx512F.Shuffle4x128(back0, back1, lanes13);
    }
}
