using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void LayerNorm(in View x, in View gamma, in View beta, double epsilon, in Destination y,
        in View mean, in View rstd)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LayerNorm(x, gamma, beta, y, mean, rstd);
        if (WidenedVerbs.Are(x, gamma, beta, y.View)) Widened.LayerNorm(x, gamma, beta, epsilon, y, mean, rstd);
        else if (x.DType == DType.Float64) LayerNorm<double>(x, gamma, beta, epsilon, y, mean, rstd);
        else LayerNorm<float>(x, gamma, beta, epsilon, y, mean, rstd);
    }

    /// <inheritdoc/>
    public virtual void LayerNormInputGradient(in View x, in View gamma, in View mean, in View rstd, in View dy,
        in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LayerNormInputGradient(x, gamma, mean, rstd, dy, dx);
        if (WidenedVerbs.Are(x, gamma, dy, dx.View)) Widened.LayerNormInputGradient(x, gamma, mean, rstd, dy, dx);
        else if (x.DType == DType.Float64) LayerNormInputGradient<double>(x, gamma, mean, rstd, dy, dx);
        else LayerNormInputGradient<float>(x, gamma, mean, rstd, dy, dx);
    }

    /// <inheritdoc/>
    public virtual void LayerNormWeightGradient(in View x, in View mean, in View rstd, in View dy,
        in Destination dgamma, in Destination dbeta)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LayerNormWeightGradient(x, mean, rstd, dy, dgamma, dbeta);
        if (WidenedVerbs.Are(x, dy, dgamma.View, dbeta.View)) Widened.LayerNormWeightGradient(x, mean, rstd, dy, dgamma, dbeta);
        else if (x.DType == DType.Float64) LayerNormWeightGradient<double>(x, mean, rstd, dy, dgamma, dbeta);
        else LayerNormWeightGradient<float>(x, mean, rstd, dy, dgamma, dbeta);
    }

    /// <summary>Two passes for the statistics: the mean, then the mean squared distance from it.</summary>
    private static void LayerNorm<T>(in View x, in View gamma, in View beta, double epsilon, in Destination y,
        in View mean, in View rstd) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> scale = gamma.Exists ? gamma.Span<T>() : default, shift = beta.Exists ? beta.Span<T>() : default;
        for (int row = 0, length = x.Shape.Last; row < x.Shape.Rows; row++)
        {
            Span<T> from = x.Span<T>().Slice(row * length, length), to = y.View.Span<T>().Slice(row * length, length);
            double sum = 0, squares = 0;
            foreach (T value in from) sum += Wide(value);
            double center = sum / Math.Max(length, 1);
            foreach (T value in from) squares += (Wide(value) - center) * (Wide(value) - center);
            double factor = 1 / Math.Sqrt(squares / Math.Max(length, 1) + epsilon);
            for (int i = 0; i < length; i++)
            {
                double normal = (Wide(from[i]) - center) * factor;
                double scaled = normal * (gamma.Exists ? Wide(scale[i]) : 1);
                Put(ref to[i], scaled + (beta.Exists ? Wide(shift[i]) : 0), y.Accumulates);
            }
            (mean.Span<double>()[row], rstd.Span<double>()[row]) = (center, factor);
        }
    }

    /// <summary>dx = rstd·(g - mean(g) - x̂·mean(g⊙x̂)) with g = dy⊙gamma and x̂ = (x - mean)·rstd.</summary>
    private static void LayerNormInputGradient<T>(in View x, in View gamma, in View mean, in View rstd, in View dy,
        in Destination dx) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> scale = gamma.Exists ? gamma.Span<T>() : default;
        for (int row = 0, length = x.Shape.Last; row < x.Shape.Rows; row++)
        {
            Span<T> from = x.Span<T>().Slice(row * length, length), grad = dy.Span<T>().Slice(row * length, length);
            Span<T> to = dx.View.Span<T>().Slice(row * length, length);
            (double center, double factor) = (mean.Span<double>()[row], rstd.Span<double>()[row]);
            double sum = 0, dot = 0;
            for (int i = 0; i < length; i++)
            {
                double g = Wide(grad[i]) * (gamma.Exists ? Wide(scale[i]) : 1);
                sum += g;
                dot += g * ((Wide(from[i]) - center) * factor);
            }
            for (int i = 0; i < length; i++)
            {
                double g = Wide(grad[i]) * (gamma.Exists ? Wide(scale[i]) : 1);
                double normal = (Wide(from[i]) - center) * factor;
                Put(ref to[i], factor * (g - sum / length - normal * dot / length), dx.Accumulates);
            }
        }
    }

    private static void LayerNormWeightGradient<T>(in View x, in View mean, in View rstd, in View dy,
        in Destination dgamma, in Destination dbeta) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> from = x.Span<T>(), grad = dy.Span<T>();
        Span<double> center = mean.Span<double>(), factor = rstd.Span<double>();
        for (int i = 0, length = x.Shape.Last; i < length; i++)
        {
            double dot = 0, sum = 0;
            for (int row = 0; row < x.Shape.Rows; row++)
            {
                double g = Wide(grad[row * length + i]);
                dot += g * ((Wide(from[row * length + i]) - center[row]) * factor[row]);
                sum += g;
            }
            if (dgamma.Exists) Put(ref dgamma.View.Span<T>()[i], dot, dgamma.Accumulates);
            if (dbeta.Exists) Put(ref dbeta.View.Span<T>()[i], sum, dbeta.Accumulates);
        }
    }
}
