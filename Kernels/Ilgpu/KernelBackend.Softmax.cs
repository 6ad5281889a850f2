using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract partial class KernelBackend
{
    /// <inheritdoc/>
    public void Softmax(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Softmax(x, y);
        if (AreRounded(x, y.View)) Softmax<float, ushort, AsBFloat16>(x, y, isLog: false);
        else if (WidenedVerbs.Are(x, y.View)) _widened.Softmax(x, y);
        else if (x.DType == DType.Float64) Softmax<double, double, AsIs<double>>(x, y, isLog: false);
        else Softmax<float, float, AsIs<float>>(x, y, isLog: false);
    }

    /// <inheritdoc/>
    public void SoftmaxGradient(in View y, in View dy, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.SoftmaxGradient(y, dy, dx);
        if (AreRounded(y, dy, dx.View)) SoftmaxGradient<ushort, BFloat16InDouble>(y, dy, dx);
        else if (WidenedVerbs.Are(y, dy, dx.View)) _widened.SoftmaxGradient(y, dy, dx);
        else if (y.DType == DType.Float64) SoftmaxGradient<double, AsIs<double>>(y, dy, dx);
        else SoftmaxGradient<float, SingleInDouble>(y, dy, dx);
    }

    /// <inheritdoc/>
    public void LogSoftmax(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LogSoftmax(x, y);
        if (AreRounded(x, y.View)) Softmax<float, ushort, AsBFloat16>(x, y, isLog: true);
        else if (WidenedVerbs.Are(x, y.View)) _widened.LogSoftmax(x, y);
        else if (x.DType == DType.Float64) Softmax<double, double, AsIs<double>>(x, y, isLog: true);
        else Softmax<float, float, AsIs<float>>(x, y, isLog: true);
    }

    /// <inheritdoc/>
    public void LogSoftmaxGradient(in View y, in View dy, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.LogSoftmaxGradient(y, dy, dx);
        if (AreRounded(y, dy, dx.View)) LogSoftmaxGradient<float, ushort, AsBFloat16>(y, dy, dx);
        else if (WidenedVerbs.Are(y, dy, dx.View)) _widened.LogSoftmaxGradient(y, dy, dx);
        else if (y.DType == DType.Float64) LogSoftmaxGradient<double, double, AsIs<double>>(y, dy, dx);
        else LogSoftmaxGradient<float, float, AsIs<float>>(y, dy, dx);
    }

    /// <summary>Softmax or its logarithm.</summary>
    private void Softmax<T, TStored, TStorage>(in View x, in Destination y, bool isLog)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        if (x.Shape.ElementCount == 0) return;
        SoftmaxArguments<T, TStored, TStorage> arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Y = Stored<T, TStored, TStorage>(y),
            Length = x.Shape.Last,
            Adds = Adds(y),
            IsAligned = AreFours<TStored>(x.Shape.Last, x, y.View),
        };
        _device.Launch(isLog ? LogSoftmaxKernel<T, TStored, TStorage>.Run : SoftmaxKernel<T, TStored, TStorage>.Run,
            PerRowInFours(x.Shape.Rows, x.Shape.Last), arguments);
    }

    private void SoftmaxGradient<TStored, TStorage>(in View y, in View dy, in Destination dx)
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, double>
    {
        if (y.Shape.ElementCount == 0) return;
        _device.Launch(SoftmaxGradientKernel<TStored, TStorage>.Run, PerRowInFours(y.Shape.Rows, y.Shape.Last),
            Gradient<double, TStored, TStorage>(y, dy, dx));
    }

    private void LogSoftmaxGradient<T, TStored, TStorage>(in View y, in View dy, in Destination dx)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        if (y.Shape.ElementCount == 0) return;
        _device.Launch(LogSoftmaxGradientKernel<T, TStored, TStorage>.Run, PerRowInFours(y.Shape.Rows, y.Shape.Last),
            Gradient<T, TStored, TStorage>(y, dy, dx));
    }

    private SoftmaxGradientArguments<T, TStored, TStorage> Gradient<T, TStored, TStorage>(
        in View y, in View dy, in Destination dx)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T> => new()
        {
            Y = Stored<T, TStored, TStorage>(y),
            Dy = Stored<T, TStored, TStorage>(dy),
            Dx = Stored<T, TStored, TStorage>(dx),
            Length = y.Shape.Last,
            Adds = Adds(dx),
            IsAligned = AreFours<TStored>(y.Shape.Last, y, dy, dx.View),
        };
}
