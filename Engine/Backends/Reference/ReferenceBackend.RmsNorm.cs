using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void RmsNorm(in View x, in View gamma, double epsilon, in Destination y, in View rms)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.RmsNorm(x, gamma, y, rms);
        if (WidenedVerbs.Are(x, gamma, y.View)) Widened.RmsNorm(x, gamma, epsilon, y, rms);
        else if (x.DType == DType.Float64) RmsNorm<double>(x, gamma, epsilon, y, rms);
        else RmsNorm<float>(x, gamma, epsilon, y, rms);
    }

    /// <inheritdoc/>
    public virtual void RmsNormInputGradient(in View x, in View gamma, in View rms, in View dy, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.RmsNormInputGradient(x, gamma, rms, dy, dx);
        if (WidenedVerbs.Are(x, gamma, dy, dx.View)) Widened.RmsNormInputGradient(x, gamma, rms, dy, dx);
        else if (x.DType == DType.Float64) RmsNormInputGradient<double>(x, gamma, rms, dy, dx);
        else RmsNormInputGradient<float>(x, gamma, rms, dy, dx);
    }

    /// <inheritdoc/>
    public virtual void RmsNormWeightGradient(in View x, in View rms, in View dy, in Destination dgamma)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.RmsNormWeightGradient(x, rms, dy, dgamma);
        if (WidenedVerbs.Are(x, dy, dgamma.View)) Widened.RmsNormWeightGradient(x, rms, dy, dgamma);
        else if (x.DType == DType.Float64) RmsNormWeightGradient<double>(x, rms, dy, dgamma);
        else RmsNormWeightGradient<float>(x, rms, dy, dgamma);
    }

    private static void RmsNorm<T>(in View x, in View gamma, double epsilon, in Destination y, in View rms)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> scale = gamma.Exists ? gamma.Span<T>() : default;
        for (int row = 0, length = x.Shape.Last; row < x.Shape.Rows; row++)
        {
            Span<T> from = x.Span<T>().Slice(row * length, length), to = y.View.Span<T>().Slice(row * length, length);
            double squares = 0;
            foreach (T value in from) squares += Wide(value) * Wide(value);
            double factor = 1 / Math.Sqrt(squares / Math.Max(length, 1) + epsilon);
            for (int i = 0; i < length; i++)
                Put(ref to[i], Wide(from[i]) * factor * (gamma.Exists ? Wide(scale[i]) : 1), y.Accumulates);
            rms.Span<double>()[row] = factor;
        }
    }

    /// <summary>dx = rms·(g - x̂·mean(g⊙x̂)) with g = dy⊙gamma and x̂ = x·rms.</summary>
    private static void RmsNormInputGradient<T>(in View x, in View gamma, in View rms, in View dy, in Destination dx)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> scale = gamma.Exists ? gamma.Span<T>() : default;
        for (int row = 0, length = x.Shape.Last; row < x.Shape.Rows; row++)
        {
            Span<T> from = x.Span<T>().Slice(row * length, length), grad = dy.Span<T>().Slice(row * length, length);
            Span<T> to = dx.View.Span<T>().Slice(row * length, length);
            double factor = rms.Span<double>()[row], dot = 0;
            for (int i = 0; i < length; i++)
                dot += Wide(grad[i]) * (gamma.Exists ? Wide(scale[i]) : 1) * (Wide(from[i]) * factor);
            for (int i = 0; i < length; i++)
            {
                double g = Wide(grad[i]) * (gamma.Exists ? Wide(scale[i]) : 1);
                Put(ref to[i], factor * (g - Wide(from[i]) * factor * dot / length), dx.Accumulates);
            }
        }
    }

    private static void RmsNormWeightGradient<T>(in View x, in View rms, in View dy, in Destination dgamma)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> from = x.Span<T>(), grad = dy.Span<T>(), to = dgamma.View.Span<T>();
        Span<double> factor = rms.Span<double>();
        for (int i = 0, length = x.Shape.Last; i < length; i++)
        {
            double dot = 0;
            for (int row = 0; row < x.Shape.Rows; row++)
                dot += Wide(grad[row * length + i]) * (Wide(from[row * length + i]) * factor[row]);
            Put(ref to[i], dot, dgamma.Accumulates);
        }
    }
}
