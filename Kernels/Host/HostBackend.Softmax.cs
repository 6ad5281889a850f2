using System.Numerics;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    /// <summary>How many bytes of plain traffic an exponential is worth, for the decision to share.</summary>
    private const int ExpWorth = 3;

    /// <inheritdoc/>
    public override void Softmax(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Softmax(x, y);
        if (WidenedVerbs.Are(x, y.View)) base.Softmax(x, y);
        else if (x.DType == DType.Float64) Softmax<double>(x, y, logarithm: false);
        else Softmax<float>(x, y, logarithm: false);
    }

    /// <inheritdoc/>
    public override void LogSoftmax(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LogSoftmax(x, y);
        if (WidenedVerbs.Are(x, y.View)) base.LogSoftmax(x, y);
        else if (x.DType == DType.Float64) Softmax<double>(x, y, logarithm: true);
        else Softmax<float>(x, y, logarithm: true);
    }

    /// <inheritdoc/>
    public override void SoftmaxGradient(in View y, in View dy, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.SoftmaxGradient(y, dy, dx);
        if (WidenedVerbs.Are(y, dy, dx.View)) base.SoftmaxGradient(y, dy, dx);
        else if (y.DType == DType.Float64) SoftmaxGradient<double>(y, dy, dx, logarithm: false);
        else SoftmaxGradient<float>(y, dy, dx, logarithm: false);
    }

    /// <inheritdoc/>
    public override void LogSoftmaxGradient(in View y, in View dy, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LogSoftmaxGradient(y, dy, dx);
        if (WidenedVerbs.Are(y, dy, dx.View)) base.LogSoftmaxGradient(y, dy, dx);
        else if (y.DType == DType.Float64) SoftmaxGradient<double>(y, dy, dx, logarithm: true);
        else SoftmaxGradient<float>(y, dy, dx, logarithm: true);
    }

    private unsafe void Softmax<T>(in View x, in Destination y, bool logarithm)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Share(x.Shape.Rows, 1, ExpWorth * x.Bytes,
            new SoftmaxRows<T>(Dense<T>(x), Dense<T>(y.View), x.Shape.Last, logarithm, y.Accumulates));

    private unsafe void SoftmaxGradient<T>(in View y, in View dy, in Destination dx, bool logarithm)
        where T : unmanaged =>
        Share(y.Shape.Rows, 1, 3 * y.Bytes,
            new SoftmaxGradientRows<T>(Dense<T>(y), Dense<T>(dy), Dense<T>(dx.View), y.Shape.Last, logarithm, dx.Accumulates));
}
