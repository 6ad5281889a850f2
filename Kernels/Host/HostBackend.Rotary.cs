using System.Numerics;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    private readonly RotaryTable _rotary;

    /// <inheritdoc/>
    public override void Rotary(in View x, in RotaryOptions options, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Rotary(x, y);
        if (WidenedVerbs.Are(x, y.View)) base.Rotary(x, options, y);
        else if (x.DType == DType.Float64) Rotary<double>(x, options, y);
        else Rotary<float>(x, options, y);
    }

    private unsafe void Rotary<T>(in View x, in RotaryOptions options, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int time, int heads, int half) = (x.Shape[1], x.Shape[2], x.Shape[3] / 2);
        _rotary.Get(options, time, half, out T* cosines, out T* sines);
        RotaryRows<T> rows = new(Dense<T>(x), Dense<T>(y.View), time, heads, half, cosines, sines, y.Accumulates);
        Share(x.Shape[0] * time, 1, 2 * x.Bytes, rows);
    }
}
