using System.Numerics;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public override void Dropout(in View x, double p, RandomStream stream, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Dropout(x, y);
        if (WidenedVerbs.Are(x, y.View)) base.Dropout(x, p, stream, y);
        else if (x.DType == DType.Float64) Dropout<double>(x, p, stream, y);
        else Dropout<float>(x, p, stream, y);
    }

    private unsafe void Dropout<T>(in View x, double p, RandomStream stream, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        uint threshold = (uint)Math.Ceiling(p * (1 << 24));
        DropoutRange<T> range = new(
            Dense<T>(x), Dense<T>(y.View), stream, threshold, T.CreateTruncating(1 / (1 - p)), y.Accumulates);
        Share(x.Shape.ElementCount, DropoutRange<T>.Together, 4 * x.Bytes, range);
    }
}
