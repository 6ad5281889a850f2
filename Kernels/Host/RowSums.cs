using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>What is summed: a function of one element of each of two operands and of two numbers that hold
/// for the whole row.</summary>
internal interface ITerm
{
    /// <summary>The terms of one vector.</summary>
    static abstract Vector512<T> Of<T>(Vector512<T> a, Vector512<T> b, Vector512<T> p, Vector512<T> q)
        where T : unmanaged;
}

/// <summary>Σ term over a row.</summary>
/// <remarks>
/// Idea: four vectors of partial sums hide the latency of the addition. Their order is fixed by the length alone: whole groups of
/// four vectors, then single vectors into the first, then the tail, whose missing lanes add zero.
/// Scalar equivalent: the sum, in that order.
/// </remarks>
internal static unsafe class RowSums
{
    /// <summary>Σ term(a[i], b[i], p, q).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Sum<TTerm, T>(T* a, T* b, int length, T p = default, T q = default)
        where TTerm : struct, ITerm
        where T : unmanaged
    {
        int lanes = Vector512<T>.Count, i = 0;
        Vector512<T> vp = Vector512.Create(p), vq = Vector512.Create(q);
        Vector512<T> s0 = Vector512<T>.Zero, s1 = s0, s2 = s0, s3 = s0;
        for (; i <= length - (4 * lanes); i += 4 * lanes)
        {
            s0 += TTerm.Of(Vector512.Load(a + i), Vector512.Load(b + i), vp, vq);
            s1 += TTerm.Of(Vector512.Load(a + i + lanes), Vector512.Load(b + i + lanes), vp, vq);
            s2 += TTerm.Of(Vector512.Load(a + i + (2 * lanes)), Vector512.Load(b + i + (2 * lanes)), vp, vq);
            s3 += TTerm.Of(Vector512.Load(a + i + (3 * lanes)), Vector512.Load(b + i + (3 * lanes)), vp, vq);
        }

        for (; i <= length - lanes; i += lanes)
            s0 += TTerm.Of(Vector512.Load(a + i), Vector512.Load(b + i), vp, vq);
        if (i < length)
        {
            Vector512<T> last = TTerm.Of(VectorTail.Load(a + i, length - i), VectorTail.Load(b + i, length - i), vp, vq);
            s0 += VectorTail.Keep(last, length - i);
        }

        return Vector512.Sum((s0 + s1) + (s2 + s3));
    }
}

/// <summary>a</summary>
internal readonly struct Element : ITerm
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Of<T>(Vector512<T> a, Vector512<T> b, Vector512<T> p, Vector512<T> q)
        where T : unmanaged
        => a;
}

/// <summary>a·b</summary>
internal readonly struct Product : ITerm
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Of<T>(Vector512<T> a, Vector512<T> b, Vector512<T> p, Vector512<T> q)
        where T : unmanaged
        => a * b;
}

/// <summary>(a - p)²</summary>
internal readonly struct SquaredDistance : ITerm
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Of<T>(Vector512<T> a, Vector512<T> b, Vector512<T> p, Vector512<T> q)
        where T : unmanaged
        => (a - p) * (a - p);
}

/// <summary>b·(a - p)·q</summary>
internal readonly struct NormalizedProduct : ITerm
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Of<T>(Vector512<T> a, Vector512<T> b, Vector512<T> p, Vector512<T> q)
        where T : unmanaged
        => b * ((a - p) * q);
}
