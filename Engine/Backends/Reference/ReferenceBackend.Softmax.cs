using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void Softmax(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Softmax(x, y);
        if (WidenedVerbs.Are(x, y.View)) Widened.Softmax(x, y);
        else if (y.View.DType == DType.Float64) Softmax<double>(x, y);
        else Softmax<float>(x, y);
    }

    /// <inheritdoc/>
    public virtual void SoftmaxGradient(in View y, in View dy, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.SoftmaxGradient(y, dy, dx);
        if (WidenedVerbs.Are(y, dy, dx.View)) Widened.SoftmaxGradient(y, dy, dx);
        else if (dx.View.DType == DType.Float64) SoftmaxGradient<double>(y, dy, dx);
        else SoftmaxGradient<float>(y, dy, dx);
    }

    /// <inheritdoc/>
    public virtual void LogSoftmax(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LogSoftmax(x, y);
        if (WidenedVerbs.Are(x, y.View)) Widened.LogSoftmax(x, y);
        else if (y.View.DType == DType.Float64) LogSoftmax<double>(x, y);
        else LogSoftmax<float>(x, y);
    }

    /// <inheritdoc/>
    public virtual void LogSoftmaxGradient(in View y, in View dy, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LogSoftmaxGradient(y, dy, dx);
        if (WidenedVerbs.Are(y, dy, dx.View)) Widened.LogSoftmaxGradient(y, dy, dx);
        else if (dx.View.DType == DType.Float64) LogSoftmaxGradient<double>(y, dy, dx);
        else LogSoftmaxGradient<float>(y, dy, dx);
    }

    /// <summary>The largest of a row, and Σ exp(x - largest). The largest is NaN if any is.</summary>
    private static (double Max, double Sum) ShiftedExponentials<T>(ReadOnlySpan<T> row)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        double max = double.NegativeInfinity, sum = 0;
        foreach (T x in row) max = Math.Max(max, Wide(x));
        foreach (T x in row) sum += Math.Exp(Wide(x) - max);
        return (max, sum);
    }

    /// <summary>log Σ exp: -∞ when every element is -∞, +∞ when one is +∞, NaN when one is NaN.</summary>
    private static double LogSumExp<T>(ReadOnlySpan<T> row) where T : unmanaged, IFloatingPointIeee754<T>
    {
        (double max, double sum) = ShiftedExponentials(row);
        return double.IsInfinity(max) ? max : max + Math.Log(sum);
    }

    private static void Softmax<T>(in View x, in Destination y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int row = 0, length = x.Shape.Last; row < x.Shape.Rows; row++)
        {
            Span<T> from = x.Span<T>().Slice(row * length, length), to = y.View.Span<T>().Slice(row * length, length);
            (double max, double sum) = ShiftedExponentials<T>(from);
            bool none = double.IsNegativeInfinity(max);
            for (int i = 0; i < length; i++)
                Put(ref to[i], none ? 0 : Math.Exp(Wide(from[i]) - max) / sum, y.Accumulates);
        }
    }

    private static void SoftmaxGradient<T>(in View y, in View dy, in Destination dx) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int row = 0, length = y.Shape.Last; row < y.Shape.Rows; row++)
        {
            Span<T> p = y.Span<T>().Slice(row * length, length), g = dy.Span<T>().Slice(row * length, length);
            Span<T> to = dx.View.Span<T>().Slice(row * length, length);
            double dot = 0;
            for (int i = 0; i < length; i++) dot += Wide(p[i]) * Wide(g[i]);
            for (int i = 0; i < length; i++)
                Put(ref to[i], Wide(p[i]) * (Wide(g[i]) - dot), dx.Accumulates);
        }
    }

    private static void LogSoftmax<T>(in View x, in Destination y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int row = 0, length = x.Shape.Last; row < x.Shape.Rows; row++)
        {
            Span<T> from = x.Span<T>().Slice(row * length, length), to = y.View.Span<T>().Slice(row * length, length);
            double lse = LogSumExp<T>(from);
            for (int i = 0; i < length; i++)
                Put(ref to[i], double.IsNegativeInfinity(lse) ? lse : Wide(from[i]) - lse, y.Accumulates);
        }
    }

    private static void LogSoftmaxGradient<T>(in View y, in View dy, in Destination dx)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int row = 0, length = y.Shape.Last; row < y.Shape.Rows; row++)
        {
            Span<T> logP = y.Span<T>().Slice(row * length, length), g = dy.Span<T>().Slice(row * length, length);
            Span<T> to = dx.View.Span<T>().Slice(row * length, length);
            double sum = 0;
            for (int i = 0; i < length; i++) sum += Wide(g[i]);
            for (int i = 0; i < length; i++)
                Put(ref to[i], Wide(g[i]) - Math.Exp(Wide(logP[i])) * sum, dx.Accumulates);
        }
    }
}
