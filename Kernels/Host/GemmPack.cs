using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutogradCore.Kernels.Host;

/// <summary>
/// Copies blocks of operands into panels: for each k, the panel's lanes side by side, so the tile kernel reads in order.
/// </summary>
/// <remarks>
/// Idea: sources are read along their rows, whole cache lines at a time, since rows that are a power of two apart share few sets
/// of the caches: a line that is not used up at once is fetched again. Panels are a line more than their contents apart, for the
/// same reason; the line after a panel is also room for a vector that sticks out.
/// </remarks>
internal static unsafe class GemmPack
{
    /// <summary>Panels filled side by side: few enough that their open cache lines and pages stay at hand.</summary>
    private const int Group = 32;

    /// <summary>Rows that a copy asks for in advance: each is on a page of its own, where no hardware looks ahead.</summary>
    private const int RowsAhead = 8;

    /// <summary>Elements from a panel to the next.</summary>
    public static nint Stride<T>(int width, int k)
        where T : unmanaged
        => ((nint)width * k) + Vector512<T>.Count;

    /// <summary>
    /// panels[j / width][k·width + j % width] = source[k·step + j]: rows of k are contiguous already. The last panel's lanes past
    /// <paramref name="lanes"/> hold anything.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy<T>(T* source, nint step, int lanes, int k, T* panels, int width)
        where T : unmanaged
    {
        int bytes = width * sizeof(T), whole = lanes / width;
        nint stride = Stride<T>(width, k) * sizeof(T);
        for (int first = 0; first < whole; first += Group)
        {
            int count = Math.Min(Group, whole - first);
            byte* from = (byte*)(source + ((nint)first * width)), to = (byte*)panels + (first * stride);
            for (int kk = 0; kk < k; kk++, from += step * sizeof(T), to += bytes)
            {
                byte* ahead = from + (RowsAhead * step * sizeof(T));
                for (int i = 0; i < count * bytes; i += 64)
                    Simd.Prefetch(ahead + i);
                CopyRow(from, to, stride, count, bytes);
            }
        }

        int left = lanes - (whole * width);
        T* last = panels + (whole * Stride<T>(width, k));
        int lanesAtOnce = Vector512<T>.Count;
        for (source += (nint)whole * width; left > 0 && k > 0; k--, source += step, last += width)
        {
            for (int j = 0; j < left; j += lanesAtOnce)
                VectorTail.Load(source + j, Math.Min(lanesAtOnce, left - j)).Store(last + j);
        }
    }

    /// <summary>panels[j / width][k·width + j % width] = source[j·step + k]: a transpose, by blocks in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose<T>(T* source, nint step, int lanes, int k, T* panels, int width)
        where T : unmanaged
    {
        for (; lanes > 0; lanes -= width, source += width * step, panels += Stride<T>(width, k))
        {
            int own = Math.Min(lanes, width), done = 0;
            if (Avx512F.IsSupported)
                done = GemmTranspose.Blocks(source, step, own, k, panels, width);
            Panel(source + done, step, own, k - done, panels + ((nint)done * width), width);
        }
    }

    private static void Panel<T>(T* source, nint step, int lanes, int k, T* panel, int width)
        where T : unmanaged
    {
        int block = Vector128<T>.Count;
        int j = 0;
        for (; j + block <= lanes; j += block)
        {
            T* from = source + (j * step);
            T* to = panel + j;
            int kk = 0;
            for (; kk + block <= k; kk += block, from += block, to += block * width)
            {
                if (typeof(T) == typeof(float))
                    Transpose4x4((float*)from, step, (float*)to, width);
                else
                    Transpose2x2((double*)from, step, (double*)to, width);
            }

            for (; kk < k; kk++, from++, to += width)
            {
                for (int lane = 0; lane < block; lane++)
                    to[lane] = from[lane * step];
            }
        }

        for (; j < width; j++)
        {
            T* from = source + (j * step);
            for (int kk = 0; kk < k; kk++)
                panel[(kk * width) + j] = j < lanes ? from[kk] : default;
        }
    }

    /// <summary>One k of some panels, by vectors where a panel's lanes are whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRow(byte* from, byte* to, nint stride, int count, int bytes)
    {
        if (bytes % 64 == 0)
        {
            for (; count > 0; count--, to += stride)
            {
                for (int i = 0; i < bytes; i += 64, from += 64)
                    Vector512.Load(from).Store(to + i);
            }
        }
        else if (bytes == 48)
        {
            for (; count > 0; count--, from += 48, to += stride)
            {
                Vector128.Load(from).Store(to);
                Vector128.Load(from + 16).Store(to + 16);
                Vector128.Load(from + 32).Store(to + 32);
            }
        }
        else
        {
            for (; count > 0; count--, from += bytes, to += stride)
                new ReadOnlySpan<byte>(from, bytes).CopyTo(new Span<byte>(to, bytes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4x4(float* from, nint step, float* to, nint width)
    {
        Vector128<float> r0 = Vector128.Load(from), r1 = Vector128.Load(from + step);
        Vector128<float> r2 = Vector128.Load(from + (2 * step)), r3 = Vector128.Load(from + (3 * step));
        Vector128<float> even0 = Simd.ZipLow(r0, r2), even1 = Simd.ZipHigh(r0, r2);
        Vector128<float> odd0 = Simd.ZipLow(r1, r3), odd1 = Simd.ZipHigh(r1, r3);
        Simd.ZipLow(even0, odd0).Store(to);
        Simd.ZipHigh(even0, odd0).Store(to + width);
        Simd.ZipLow(even1, odd1).Store(to + (2 * width));
        Simd.ZipHigh(even1, odd1).Store(to + (3 * width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose2x2(double* from, nint step, double* to, nint width)
    {
        Vector128<double> r0 = Vector128.Load(from), r1 = Vector128.Load(from + step);
        Vector128.Create(r0.GetLower(), r1.GetLower()).Store(to);
        Vector128.Create(r0.GetUpper(), r1.GetUpper()).Store(to + width);
    }
}
