using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutogradCore.Kernels.Host;

/// <summary>Transposes of float panels by blocks of 16 by 16 in AVX-512 registers.</summary>
/// <remarks>
/// Idea: a row of a block is one cache line, read once and used up; four rounds of shuffles turn 16 rows into 16 columns.
/// A panel narrower than 16 lanes repeats its last row to fill the block: what sticks out of a stored column is overwritten by the next
/// column, and after the last one falls into the line between panels, so columns are stored in ascending order.
/// Scalar equivalent: panel[k·width + j] = source[j·step + k].
/// </remarks>
internal static unsafe class GemmTranspose
{
    private const int Block = 16;

    /// <summary>Transposes the whole blocks of a full panel and returns how many k they cover: none if it is not full.</summary>
    public static int Blocks(float* source, nint step, int lanes, int k, float* panel, int width)
    {
        if (lanes != width || (width > Block && width % Block != 0))
            return 0;
        int blocks = k / Block;
        for (int j = 0; j < width; j += Block)
            Strip(source + (j * step), step, Math.Min(width - j, Block) - 1, blocks, panel + j, width);
        return blocks * Block;
    }

    /// <summary>Blocks side by side of the rows 0 to <paramref name="last"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strip(float* from, nint step, int last, int blocks, float* to, nint width)
    {
        nint o1 = Math.Min(1, last) * step, o2 = Math.Min(2, last) * step, o3 = Math.Min(3, last) * step, o4 = Math.Min(4, last) * step, o5 = Math.Min(5, last) * step;
        nint o6 = Math.Min(6, last) * step, o7 = Math.Min(7, last) * step, o8 = Math.Min(8, last) * step, o9 = Math.Min(9, last) * step, o10 = Math.Min(10, last) * step;
        nint o11 = Math.Min(11, last) * step, o12 = Math.Min(12, last) * step, o13 = Math.Min(13, last) * step, o14 = Math.Min(14, last) * step, o15 = Math.Min(15, last) * step;
        for (; blocks > 0; blocks--, from += Block, to += Block * width)
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

    /// <summary>Four rows to four vectors of (row 0..3 at column i, i + 4, i + 8, i + 12), by shuffles inside 128-bit lanes.</summary>
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

    /// <summary>The four groups of rows at column i to columns i, i + 4, i + 8, i + 12, by moves of whole 128-bit lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Columns(
        Vector512<float> q0, Vector512<float> q1, Vector512<float> q2, Vector512<float> q3,
        out Vector512<float> c0, out Vector512<float> c4, out Vector512<float> c8, out Vector512<float> c12)
    {
        const byte lanes01 = 0x44, lanes23 = 0xEE, lanes02 = 0x88, lanes13 = 0xDD;
        Vector512<float> front0 = Avx512F.Shuffle4x128(q0, q1, lanes01), front1 = Avx512F.Shuffle4x128(q2, q3, lanes01);
        Vector512<float> back0 = Avx512F.Shuffle4x128(q0, q1, lanes23), back1 = Avx512F.Shuffle4x128(q2, q3, lanes23);
        c0 = Avx512F.Shuffle4x128(front0, front1, lanes02);
        c4 = Avx512F.Shuffle4x128(front0, front1, lanes13);
        c8 = Avx512F.Shuffle4x128(back0, back1, lanes02);
        c12 = Avx512F.Shuffle4x128(back0, back1, lanes13);
    }
}
