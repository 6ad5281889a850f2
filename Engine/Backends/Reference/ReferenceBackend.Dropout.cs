using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void Dropout(in View x, double p, RandomStream stream, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Dropout(x, y);
        if (WidenedVerbs.Are(x, y.View)) Widened.Dropout(x, p, stream, y);
        else if (x.DType == DType.Float64) Dropout<double>(x, p, stream, y);
        else Dropout<float>(x, p, stream, y);
    }

    private static void Dropout<T>(in View x, double p, RandomStream stream, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> from = x.Span<T>(), to = y.View.Span<T>();
        for (int i = 0; i < to.Length; i++)
            Put(ref to[i], stream.Uniform(i) >= p ? Wide(from[i]) / (1 - p) : 0, y.Accumulates);
    }
}
