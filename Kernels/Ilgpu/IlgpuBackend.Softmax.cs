using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Softmax(in View x, in Destination y)
    {
        if (WidenedVerbs.Are(x, y.View)) _widened.Softmax(x, y);
        else if (x.DType == DType.Float64) Softmax<double>(x, y);
        else Softmax<float>(x, y);
    }

    /// <inheritdoc/>
    public void SoftmaxGradient(in View y, in View dy, in Destination dx)
    {
        if (WidenedVerbs.Are(y, dy, dx.View)) _widened.SoftmaxGradient(y, dy, dx);
        else if (y.DType == DType.Float64) SoftmaxGradient<double>(y, dy, dx);
        else SoftmaxGradient<float>(y, dy, dx);
    }

    /// <inheritdoc/>
    public void LogSoftmax(in View x, in Destination y)
    {
        if (WidenedVerbs.Are(x, y.View)) _widened.LogSoftmax(x, y);
        else if (x.DType == DType.Float64) LogSoftmax<double>(x, y);
        else LogSoftmax<float>(x, y);
    }

    /// <inheritdoc/>
    public void LogSoftmaxGradient(in View y, in View dy, in Destination dx)
    {
        if (WidenedVerbs.Are(y, dy, dx.View)) _widened.LogSoftmaxGradient(y, dy, dx);
        else if (y.DType == DType.Float64) LogSoftmaxGradient<double>(y, dy, dx);
        else LogSoftmaxGradient<float>(y, dy, dx);
    }

    private void Softmax<T>(in View x, in Destination y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (x.Shape.ElementCount == 0) return;
        _device.Launch(SoftmaxKernel<T>.Run, PerRow(x.Shape.Rows, x.Shape.Last), new SoftmaxKernel<T>.Arguments
        {
            X = In<T>(x),
            Y = In<T>(y),
            Length = x.Shape.Last,
            Adds = Adds(y),
        });
    }

    private void SoftmaxGradient<T>(in View y, in View dy, in Destination dx) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (y.Shape.ElementCount == 0) return;
        _device.Launch(SoftmaxGradientKernel<T>.Run, PerRow(y.Shape.Rows, y.Shape.Last), new SoftmaxGradientKernel<T>.Arguments
        {
            Y = In<T>(y),
            Dy = In<T>(dy),
            Dx = In<T>(dx),
            Length = y.Shape.Last,
            Adds = Adds(dx),
        });
    }

    private void LogSoftmax<T>(in View x, in Destination y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (x.Shape.ElementCount == 0) return;
        _device.Launch(LogSoftmaxKernel<T>.Run, PerRow(x.Shape.Rows, x.Shape.Last), new LogSoftmaxKernel<T>.Arguments
        {
            X = In<T>(x),
            Y = In<T>(y),
            Length = x.Shape.Last,
            Adds = Adds(y),
        });
    }

    private void LogSoftmaxGradient<T>(in View y, in View dy, in Destination dx) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (y.Shape.ElementCount == 0) return;
        LogSoftmaxGradientKernel<T>.Arguments arguments = new()
        {
            Y = In<T>(y),
            Dy = In<T>(dy),
            Dx = In<T>(dx),
            Length = y.Shape.Last,
            Adds = Adds(dx),
        };
        _device.Launch(LogSoftmaxGradientKernel<T>.Run, PerRow(y.Shape.Rows, y.Shape.Last), arguments);
    }
}
