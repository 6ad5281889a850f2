using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>The row operations between the products of attention, on blocks of <see cref="Block"/> keys a row.</summary>
internal static unsafe class FlashRows<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Queries and keys in a block; a whole number of vectors.</summary>
    public const int Block = 64;

    /// <summary>Queries, or keys, that share a count of keys, or queries, where the mask cuts a block: two tiles high.</summary>
    public const int Strip = 24;

    /// <summary>
    /// One step of the online softmax: s becomes exp(scale·s - max), max and sum move on; returns what rescales the past.
    /// </summary>
    /// <param name="s">One query's scores.</param>
    /// <param name="width">How many of them are worked on: whole vectors.</param>
    /// <param name="visible">Keys from here on become 0.</param>
    /// <param name="scale">Factor on the scores.</param>
    /// <param name="max">The largest scaled score so far.</param>
    /// <param name="sum">The sum of exponentials so far.</param>
    /// <remarks>Scalar: m' = max(m, scale·s_j); α = exp(m - m'); s_j = exp(scale·s_j - m'); l = α·l + Σ s_j.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T SoftmaxStep(T* s, int width, int visible, T scale, ref T max, ref double sum)
    {
        if (visible <= 0)
        {
            new Span<T>(s, width).Clear();
            return T.One;
        }

        Hide(s, width, visible, scale);
        Vector512<T> factor = Vector512.Create(scale), past = Vector512.Create(max);
        Vector512<T> top = past;
        for (int j = 0; j < width; j += Vector512<T>.Count)
            top = Vector512.Max(top, Vector512.Load(s + j) * factor);
        Vector256<T> half = Vector256.Max(top.GetLower(), top.GetUpper());
        Vector128<T> quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        T now = quarter[0];
        for (int lane = 1; lane < Vector128<T>.Count; lane++)
            now = T.Max(now, quarter[lane]);
        Vector512<T> minus = Vector512.Create(T.IsNegativeInfinity(now) ? T.Zero : -now), total = Vector512<T>.Zero;
        for (int j = 0; j < width; j += Vector512<T>.Count)
        {
            Vector512<T> p = VectorMath.Exp(Simd.Fma(Vector512.Load(s + j), factor, minus));
            p.Store(s + j);
            total += p;
        }

        if (max == now)
        {
            sum += double.CreateTruncating(Vector512.Sum(total));
            return T.One;
        }

        T rescale = VectorMath.Exp(past + minus).ToScalar();
        sum = (sum * double.CreateTruncating(rescale)) + double.CreateTruncating(Vector512.Sum(total));
        max = now;
        return rescale;
    }

    /// <summary>
    /// s becomes p = exp(scale·s - lse) and d becomes p·(d - delta)·scale: probabilities and score gradients of one query;
    /// both become 0 from visible on.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradients(T* s, T* d, int width, int visible, T scale, double lse, T delta)
    {
        if (visible <= 0)
        {
            new Span<T>(s, width).Clear();
            new Span<T>(d, width).Clear();
            return;
        }

        Hide(s, width, visible, scale);
        for (int j = visible & -Vector512<T>.Count; j < width; j += Vector512<T>.Count)
            VectorTail.Load(d + j, visible - j).Store(d + j);
        (T high, T low) = Doubles.Split<T>(-lse);
        Vector512<T> factor = Vector512.Create(scale), minus = Vector512.Create(high), rest = Vector512.Create(low);
        Vector512<T> mean = Vector512.Create(delta);
        for (int j = 0; j < width; j += Vector512<T>.Count)
        {
            Vector512<T> p = VectorMath.Exp(Simd.Fma(Vector512.Load(s + j), factor, minus) + rest);
            p.Store(s + j);
            (p * (Vector512.Load(d + j) - mean) * factor).Store(d + j);
        }
    }

    /// <summary>Σ a_i·b_i, in lanes, then across them.</summary>
    public static T Dot(T* a, T* b, int count)
    {
        Vector512<T> sum = Vector512<T>.Zero;
        int i = 0;
        for (; i + Vector512<T>.Count <= count; i += Vector512<T>.Count)
            sum = Simd.Fma(Vector512.Load(a + i), Vector512.Load(b + i), sum);
        if (i < count)
            sum = Simd.Fma(VectorTail.Load(a + i, count - i), VectorTail.Load(b + i, count - i), sum);
        return Vector512.Sum(sum);
    }

    /// <summary>to = factor·from.</summary>
    /// <returns>Whether all of it is finite: then none times zero is anything but zero.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Scale(T* from, T factor, T* to, int count)
    {
        Vector512<T> factors = Vector512.Create(factor), zeros = Vector512<T>.Zero;
        int i = 0;
        for (; i + Vector512<T>.Count <= count; i += Vector512<T>.Count)
        {
            Vector512<T> x = Vector512.Load(from + i) * factors;
            zeros = Simd.Fma(x, Vector512<T>.Zero, zeros);
            x.Store(to + i);
        }

        if (i < count)
        {
            Vector512<T> x = VectorTail.Load(from + i, count - i) * factors;
            zeros = Simd.Fma(x, Vector512<T>.Zero, zeros);
            VectorTail.Store(x, to + i, count - i);
        }

        return Vector512.EqualsAll(zeros, Vector512<T>.Zero);
    }

    /// <summary>to = or += from.</summary>
    /// <returns>Whether all of from is finite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Put(T* from, T* to, int count, Store store)
    {
        bool add = store == Store.Add;
        Vector512<T> zeros = Vector512<T>.Zero;
        int i = 0;
        for (; i + Vector512<T>.Count <= count; i += Vector512<T>.Count)
        {
            Vector512<T> x = Vector512.Load(from + i);
            zeros = Simd.Fma(x, Vector512<T>.Zero, zeros);
            Lanes.Put(x, to + i, add);
        }

        if (i < count)
        {
            Vector512<T> x = VectorTail.Load(from + i, count - i);
            zeros = Simd.Fma(x, Vector512<T>.Zero, zeros);
            Lanes.PutTail(x, to + i, count - i, add);
        }

        return Vector512.EqualsAll(zeros, Vector512<T>.Zero);
    }

    /// <summary>Whole vectors that hold <paramref name="keys"/> keys of a block.</summary>
    public static int Width(int keys) => (keys + Vector512<T>.Count - 1) & -Vector512<T>.Count;

    // A hidden score is -∞ after scaling, whatever the sign of the scale.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Hide(T* s, int width, int visible, T scale)
    {
        T hidden = T.IsNegative(scale) ? T.PositiveInfinity : T.NegativeInfinity;
        for (int j = visible & -Vector512<T>.Count; j < width; j += Vector512<T>.Count)
            VectorTail.Load(s + j, visible - j, hidden).Store(s + j);
    }
}
