using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>y = exp(x - max) / Σ, or its logarithm, for rows of x:[rows,length].</summary>
/// <remarks>Scalar equivalent: <see cref="ReferenceBackend.Softmax"/> and <see cref="ReferenceBackend.LogSoftmax"/>.</remarks>
internal readonly unsafe struct SoftmaxRows<T>(T* x, T* y, int length, bool logarithm, bool add) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            T* from = x + ((nint)row * length), to = y + ((nint)row * length);
            T max = RowMaxima<T>.Largest(from, length);
            if (T.IsNegativeInfinity(max))
            {
                Nothing(to, length, logarithm, add);
                continue;
            }
            double sum = RowMaxima<T>.Exponentials(from, length, max, logarithm || add ? null : to);
            if (logarithm)
                Subtract(from, to, length, max, T.IsInfinity(max) ? T.Zero : T.CreateTruncating(Math.Log(sum)), add);
            else
                Scale(add ? from : to, to, length, max, T.CreateTruncating(1 / sum), add);
        }
    }

    /// <summary>A row of -∞ alone has no share anywhere: zeros, whose logarithm is -∞.</summary>
    private static void Nothing(T* y, int length, bool logarithm, bool add)
    {
        T value = logarithm ? T.NegativeInfinity : T.Zero;
        for (int i = 0; i < length; i++) y[i] = add ? y[i] + value : value;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Subtract(T* x, T* y, int length, T max, T logSum, bool add)
    {
        Vector512<T> m = Vector512.Create(max), s = Vector512.Create(logSum);
        int i = 0;
        for (; i <= length - Vector512<T>.Count; i += Vector512<T>.Count)
            Lanes.Put(Vector512.Load(x + i) - m - s, y + i, add);
        if (i < length)
            Lanes.PutTail(VectorTail.Load(x + i, length - i) - m - s, y + i, length - i, add);
    }

    /// <summary>Writing, x holds the exponentials already; adding, it holds the operand still.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(T* x, T* y, int length, T max, T factor, bool add)
    {
        Vector512<T> m = Vector512.Create(max), f = Vector512.Create(factor);
        int i = 0;
        for (; i <= length - Vector512<T>.Count; i += Vector512<T>.Count)
        {
            Vector512<T> e = Vector512.Load(x + i);
            Lanes.Put((add ? VectorMath.Exp(e - m) : e) * f, y + i, add);
        }

        if (i < length)
        {
            Vector512<T> e = VectorTail.Load(x + i, length - i);
            Lanes.PutTail((add ? VectorMath.Exp(e - m) : e) * f, y + i, length - i, add);
        }
    }
}

/// <summary>dx = y⊙(dy - Σ y⊙dy), or for the logarithm dx = dy - exp(y)·Σ dy, for rows.</summary>
/// <remarks>Scalar equivalent: <see cref="ReferenceBackend.SoftmaxGradient"/> and
/// <see cref="ReferenceBackend.LogSoftmaxGradient"/>.</remarks>
internal readonly unsafe struct SoftmaxGradientRows<T>(T* y, T* dy, T* dx, int length, bool logarithm, bool add) : IRange
    where T : unmanaged
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            nint at = (nint)row * length;
            if (logarithm)
                Logarithm(y + at, dy + at, dx + at, length, RowSums.Sum<Element, T>(dy + at, dy + at, length), add);
            else
                Plain(y + at, dy + at, dx + at, length, RowSums.Sum<Product, T>(y + at, dy + at, length), add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Plain(T* y, T* dy, T* dx, int length, double sum, bool add)
    {
        Vector512<double> s = Vector512.Create(sum);
        int i = 0;
        for (; i <= length - Doubles.Count; i += Doubles.Count)
            Doubles.Put(Doubles.Load(y + i) * (Doubles.Load(dy + i) - s), dx + i, add);
        if (i < length)
            Doubles.PutTail(
                Doubles.LoadTail(y + i, length - i) * (Doubles.LoadTail(dy + i, length - i) - s), dx + i, length - i, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Logarithm(T* y, T* dy, T* dx, int length, double sum, bool add)
    {
        Vector512<double> s = Vector512.Create(sum);
        int i = 0;
        for (; i <= length - Vector512<T>.Count; i += Vector512<T>.Count)
            Lanes.Put(Doubles.MinusProduct(Vector512.Load(dy + i), VectorMath.Exp(Vector512.Load(y + i)), s), dx + i, add);
        if (i < length)
        {
            Vector512<T> p = VectorMath.Exp(VectorTail.Load(y + i, length - i)), g = VectorTail.Load(dy + i, length - i);
            Lanes.PutTail(Doubles.MinusProduct(g, p, s), dx + i, length - i, add);
        }
    }
}
