using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Softmax(in View x, in Destination y)
    {
        if (AreRounded(x, y.View)) Softmax<float, ushort, AsBFloat16>(x, y);
        else if (WidenedVerbs.Are(x, y.View)) _widened.Softmax(x, y);
        else if (x.DType == DType.Float64) Softmax<double, double, AsIs<double>>(x, y);
        else Softmax<float, float, AsIs<float>>(x, y);
    }

    /// <inheritdoc/>
    public void SoftmaxGradient(in View y, in View dy, in Destination dx)
    {
        if (AreRounded(y, dy, dx.View)) SoftmaxGradient<float, ushort, AsBFloat16>(y, dy, dx);
        else if (WidenedVerbs.Are(y, dy, dx.View)) _widened.SoftmaxGradient(y, dy, dx);
        else if (y.DType == DType.Float64) SoftmaxGradient<double, double, AsIs<double>>(y, dy, dx);
        else SoftmaxGradient<float, float, AsIs<float>>(y, dy, dx);
    }

    /// <inheritdoc/>
    public void LogSoftmax(in View x, in Destination y)
    {
        if (AreRounded(x, y.View)) LogSoftmax<float, ushort, AsBFloat16>(x, y);
        else if (WidenedVerbs.Are(x, y.View)) _widened.LogSoftmax(x, y);
        else if (x.DType == DType.Float64) LogSoftmax<double, double, AsIs<double>>(x, y);
        else LogSoftmax<float, float, AsIs<float>>(x, y);
    }

    /// <inheritdoc/>
    public void LogSoftmaxGradient(in View y, in View dy, in Destination dx)
    {
        if (AreRounded(y, dy, dx.View)) LogSoftmaxGradient<float, ushort, AsBFloat16>(y, dy, dx);
        else if (WidenedVerbs.Are(y, dy, dx.View)) _widened.LogSoftmaxGradient(y, dy, dx);
        else if (y.DType == DType.Float64) LogSoftmaxGradient<double, double, AsIs<double>>(y, dy, dx);
        else LogSoftmaxGradient<float, float, AsIs<float>>(y, dy, dx);
    }

    private void Softmax<T, TStored, TStorage>(in View x, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        if (x.Shape.ElementCount == 0) return;
        SoftmaxKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Y = Stored<T, TStored, TStorage>(y),
            Length = x.Shape.Last,
            Adds = Adds(y),
        };
        _device.Launch(SoftmaxKernel<T, TStored, TStorage>.Run, PerRow(x.Shape.Rows, x.Shape.Last), arguments);
    }

    private void SoftmaxGradient<T, TStored, TStorage>(in View y, in View dy, in Destination dx)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        if (y.Shape.ElementCount == 0) return;
        SoftmaxGradientKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            Y = Stored<T, TStored, TStorage>(y),
            Dy = Stored<T, TStored, TStorage>(dy),
            Dx = Stored<T, TStored, TStorage>(dx),
            Length = y.Shape.Last,
            Adds = Adds(dx),
        };
        _device.Launch(SoftmaxGradientKernel<T, TStored, TStorage>.Run, PerRow(y.Shape.Rows, y.Shape.Last), arguments);
    }

    private void LogSoftmax<T, TStored, TStorage>(in View x, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        if (x.Shape.ElementCount == 0) return;
        LogSoftmaxKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Y = Stored<T, TStored, TStorage>(y),
            Length = x.Shape.Last,
            Adds = Adds(y),
        };
        _device.Launch(LogSoftmaxKernel<T, TStored, TStorage>.Run, PerRow(x.Shape.Rows, x.Shape.Last), arguments);
    }

    private void LogSoftmaxGradient<T, TStored, TStorage>(in View y, in View dy, in Destination dx)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        if (y.Shape.ElementCount == 0) return;
        LogSoftmaxGradientKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            Y = Stored<T, TStored, TStorage>(y),
            Dy = Stored<T, TStored, TStorage>(dy),
            Dx = Stored<T, TStored, TStorage>(dx),
            Length = y.Shape.Last,
            Adds = Adds(dx),
        };
        _device.Launch(LogSoftmaxGradientKernel<T, TStored, TStorage>.Run, PerRow(y.Shape.Rows, y.Shape.Last), arguments);
    }
}
