using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>What is summed, in double: a function of one element of each of two operands and of two numbers that hold for the
/// whole row.</summary>
internal interface ITerm
{
    /// <summary>The terms of one vector.</summary>
    static abstract Vector512<double> Of(Vector512<double> a, Vector512<double> b, Vector512<double> p, Vector512<double> q);
}

/// <summary>Σ term over a row, in double.</summary>
/// <remarks>
/// Idea: four vectors of partial sums hide the latency of the addition. Their order is fixed by the length alone: whole groups of
/// four vectors, then single vectors into the first, then the tail, whose missing lanes add zero.
/// Scalar equivalent: the sum, in that order.
/// </remarks>
internal static unsafe class RowSums
{
    /// <summary>Σ term(a[i], b[i], p, q).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum<TTerm, T>(T* a, T* b, int length, double p = 0, double q = 0)
        where TTerm : struct, ITerm
        where T : unmanaged
    {
        const int lanes = Doubles.Count;
        int i = 0;
        Vector512<double> vp = Vector512.Create(p), vq = Vector512.Create(q);
        Vector512<double> s0 = Vector512<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
        for (; i <= length - (4 * lanes); i += 4 * lanes)
        {
            s0 += TTerm.Of(Doubles.Load(a + i), Doubles.Load(b + i), vp, vq);
            s1 += TTerm.Of(Doubles.Load(a + i + lanes), Doubles.Load(b + i + lanes), vp, vq);
            s2 += TTerm.Of(Doubles.Load(a + i + (2 * lanes)), Doubles.Load(b + i + (2 * lanes)), vp, vq);
            s3 += TTerm.Of(Doubles.Load(a + i + (3 * lanes)), Doubles.Load(b + i + (3 * lanes)), vp, vq);
        }

        for (; i <= length - lanes; i += lanes)
            s0 += TTerm.Of(Doubles.Load(a + i), Doubles.Load(b + i), vp, vq);
        if (i < length)
        {
            Vector512<double> last = TTerm.Of(Doubles.LoadTail(a + i, length - i), Doubles.LoadTail(b + i, length - i), vp, vq);
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
    public static Vector512<double> Of(Vector512<double> a, Vector512<double> b, Vector512<double> p, Vector512<double> q) => a;
}

/// <summary>a·b</summary>
internal readonly struct Product : ITerm
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Of(Vector512<double> a, Vector512<double> b, Vector512<double> p, Vector512<double> q)
        => a * b;
}

/// <summary>(a - p)²</summary>
internal readonly struct SquaredDistance : ITerm
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Of(Vector512<double> a, Vector512<double> b, Vector512<double> p, Vector512<double> q)
        => (a - p) * (a - p);
}

/// <summary>b·(a - p)·q</summary>
internal readonly struct NormalizedProduct : ITerm
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Of(Vector512<double> a, Vector512<double> b, Vector512<double> p, Vector512<double> q)
        => b * ((a - p) * q);
}
