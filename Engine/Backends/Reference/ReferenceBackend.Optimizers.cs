using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void Sgd(in View w, in View gradient, in View velocity, in SgdStep step)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Sgd(w, gradient, velocity);
        if (WidenedVerbs.Are(w, gradient, velocity)) Widened.Sgd(w, gradient, velocity, step);
        else if (w.DType == DType.Float64) Sgd<double>(w, gradient, velocity, step);
        else Sgd<float>(w, gradient, velocity, step);
    }

    /// <inheritdoc/>
    public virtual void Adam(in View w, in View gradient, in View moment1, in View moment2, in AdamStep step)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Adam(w, gradient, moment1, moment2);
        if (WidenedVerbs.Are(w, gradient, moment1, moment2)) Widened.Adam(w, gradient, moment1, moment2, step);
        else if (w.DType == DType.Float64) Adam<double>(w, gradient, moment1, moment2, step);
        else Adam<float>(w, gradient, moment1, moment2, step);
    }

    private static void Sgd<T>(in View w, in View gradient, in View velocity, in SgdStep step)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> weights = w.Span<T>(), gradients = gradient.Span<T>();
        Span<T> velocities = velocity.Exists ? velocity.Span<T>() : default;
        for (int i = 0; i < weights.Length; i++)
        {
            double weight = Wide(weights[i]);
            double g = step.GradientScale * Wide(gradients[i]) + step.WeightDecay * weight, m = g;
            if (velocity.Exists)
            {
                if (!step.FirstStep) m = step.Momentum * Wide(velocities[i]) + (1 - step.Dampening) * g;
                velocities[i] = Narrow<T>(m);
            }
            weights[i] = Narrow<T>(weight - step.LearningRate * (step.Nesterov ? g + step.Momentum * m : m));
        }
    }

    private static void Adam<T>(in View w, in View gradient, in View moment1, in View moment2, in AdamStep step)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> weights = w.Span<T>(), gradients = gradient.Span<T>(), first = moment1.Span<T>(), second = moment2.Span<T>();
        double largest = typeof(T) == typeof(float) ? float.MaxValue : double.MaxValue;
        for (int i = 0; i < weights.Length; i++)
        {
            double weight = Wide(weights[i]), g = step.GradientScale * Wide(gradients[i]);
            if (step.Decoupled) weight -= step.LearningRate * step.WeightDecay * weight;
            else g += step.WeightDecay * weight;
            double m = step.Beta1 * Wide(first[i]) + (1 - step.Beta1) * g;
            double v = step.Beta2 * Wide(second[i]) + (1 - step.Beta2) * g * g;
            (first[i], second[i]) = (Narrow<T>(m), Narrow<T>(Math.Min(v, largest)));
            double update = m / step.Correction1 / (Math.Sqrt(v / step.Correction2) + step.Epsilon);
            weights[i] = Narrow<T>(weight - step.LearningRate * update);
        }
    }
}
