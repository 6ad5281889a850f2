using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void Rotary(in View x, in RotaryOptions options, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Rotary(x, y);
        if (WidenedVerbs.Are(x, y.View)) Widened.Rotary(x, options, y);
        else if (x.DType == DType.Float64) Rotary<double>(x, options, y);
        else Rotary<float>(x, options, y);
    }

    private static void Rotary<T>(in View x, in RotaryOptions options, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int time, int heads, int size, int half) = (x.Shape[1], x.Shape[2], x.Shape[3], x.Shape[3] / 2);
        Span<T> from = x.Span<T>(), to = y.View.Span<T>();
        for (int step = 0; step < x.Shape[0] * time; step++)
            for (int i = 0; i < half; i++)
            {
                double angle = (options.Offset + step % time) * Math.Pow(options.Base, -2.0 * i / size);
                (double sin, double cos) = Math.SinCos(options.Inverse ? -angle : angle);
                for (int h = 0; h < heads; h++)
                {
                    int low = (step * heads + h) * size + i, high = low + half;
                    (double a, double b) = (Wide(from[low]), Wide(from[high]));
                    Put(ref to[low], a * cos - b * sin, y.Accumulates);
                    Put(ref to[high], a * sin + b * cos, y.Accumulates);
                }
            }
    }
}
