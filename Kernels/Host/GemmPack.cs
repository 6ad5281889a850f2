using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>
/// Copies blocks of operands into panels: for each k, the panel's lanes side by side, so the tile kernel reads in order.
/// </summary>
internal static unsafe class GemmPack
{
    /// <summary>
    /// panel[k·width + j] = source[k·step + j]: rows of k are contiguous already. Lanes past <paramref name="lanes"/> become
    /// 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy<T>(T* source, nint step, int lanes, int k, T* panel, int width)
        where T : unmanaged
    {
        if (lanes == width && width % Vector512<T>.Count == 0)
        {
            for (; k > 0; k--, source += step, panel += width)
            {
                for (int j = 0; j < width; j += Vector512<T>.Count)
                    Vector512.Load(source + j).Store(panel + j);
            }

            return;
        }

        if (lanes == width && width % Vector128<T>.Count == 0)
        {
            for (; k > 0; k--, source += step, panel += width)
            {
                for (int j = 0; j < width; j += Vector128<T>.Count)
                    Vector128.Load(source + j).Store(panel + j);
            }

            return;
        }

        for (; k > 0; k--, source += step, panel += width)
        {
            new ReadOnlySpan<T>(source, lanes).CopyTo(new Span<T>(panel, lanes));
            new Span<T>(panel + lanes, width - lanes).Clear();
        }
    }

    /// <summary>
    /// panel[k·width + j] = source[j·step + k]: a transpose, by 4x4 (float) or 2x2 (double) blocks in registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose<T>(T* source, nint step, int lanes, int k, T* panel, int width)
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
