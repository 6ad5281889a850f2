using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutogradCore.Kernels.Host;

/// <summary>lse = log Σ exp of a row of logits:[N,V], and the row's loss in double; ignored rows lose nothing.</summary>
/// <remarks>
/// Idea: a row is read once from memory; its maximum and its exponentials come out of the near caches. The losses are added by
/// the caller in the order of the rows. Scalar equivalent: <see cref="ReferenceBackend.CrossEntropy"/>.
/// </remarks>
internal readonly unsafe struct CrossEntropyRows<T>(
    T* logits, int* targets, int classes, int ignored, double smoothing, double* lse, double* losses) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            T* x = logits + ((nint)row * classes);
            T max = RowMaxima<T>.Largest(x, classes);
            double logSum = double.CreateTruncating(max);
            if (!T.IsInfinity(max))
                logSum += Math.Log(RowMaxima<T>.Exponentials(x, classes, max, null));
            lse[row] = logSum;
            losses[row] = targets[row] == ignored ? 0 : Loss(x, targets[row], logSum);
        }
    }

    private double Loss(T* x, int target, double logSum)
    {
        double loss = (1 - smoothing) * (logSum - double.CreateTruncating(x[target]));
        if (smoothing != 0)
            loss += smoothing * (logSum - (RowSums.Sum<Element, T>(x, x, classes) / classes));
        return loss;
    }
}

/// <summary>dlogits = scale·(exp(x - lse) - smoothing/V), and at the target 1 - smoothing less within the brackets.</summary>
/// <remarks>
/// Idea: the row goes through vectors as if it had no target; that one element is then computed again from its old value, in
/// double. Scalar equivalent: <see cref="ReferenceBackend.CrossEntropyGradient"/>.
/// </remarks>
internal readonly unsafe struct CrossEntropyGradientRows<T>(
    T* logits, int* targets, int classes, int ignored, double smoothing, double* lse, double scale, T* dlogits, bool add) : IRange
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public void Run(int begin, int end)
    {
        for (int row = begin; row < end; row++)
        {
            T* x = logits + ((nint)row * classes), dx = dlogits + ((nint)row * classes);
            int target = targets[row];
            if (target == ignored)
            {
                if (!add)
                    new Span<T>(dx, classes).Clear();
                continue;
            }

            (T logit, T old) = (x[target], add ? dx[target] : T.Zero);
            Row(x, dx, classes, lse[row], T.CreateTruncating(scale), T.CreateTruncating(-scale * smoothing / classes), add);
            double p = Math.Exp(double.CreateTruncating(logit) - lse[row]);
            T slope = T.CreateTruncating(scale * (p - ((smoothing / classes) + (1 - smoothing))));
            dx[target] = add ? old + slope : slope;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(T* x, T* dx, int length, double lse, T scale, T shift, bool add)
    {
        (T high, T low) = Doubles.Split<T>(lse);
        Vector512<T> h = Vector512.Create(high), l = Vector512.Create(low);
        Vector512<T> s = Vector512.Create(scale), t = Vector512.Create(shift);
        int i = 0;
        for (; i <= length - Vector512<T>.Count; i += Vector512<T>.Count)
            Lanes.Put(Simd.Fma(VectorMath.Exp(Vector512.Load(x + i) - h - l), s, t), dx + i, add);
        if (i < length)
            Lanes.PutTail(Simd.Fma(VectorMath.Exp(VectorTail.Load(x + i, length - i) - h - l), s, t), dx + i, length - i, add);
    }
}
