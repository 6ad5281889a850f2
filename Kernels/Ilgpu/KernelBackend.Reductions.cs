using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract partial class KernelBackend
{
    /// <inheritdoc/>
    public void Max(in View x, int axis, in View y, in View index)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Max(x, axis, y, index);
        if (WidenedVerbs.Are(x, y)) _widened.Max(x, axis, y, index);
        else if (x.DType == DType.Float64) Max<double>(x, axis, y, index);
        else Max<float>(x, axis, y, index);
    }

    /// <inheritdoc/>
    public void MaxGradient(in View dy, in View index, int axis, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.MaxGradient(dy, index, axis, dx);
        if (WidenedVerbs.Are(dy, dx.View)) _widened.MaxGradient(dy, index, axis, dx);
        else if (dy.DType == DType.Float64) MaxGradient<double>(dy, index, axis, dx);
        else MaxGradient<float>(dy, index, axis, dx);
    }

    private void Max<T>(in View x, int axis, in View y, in View index) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int outputs = y.Shape.ElementCount, length = x.Shape[axis];
        if (outputs == 0) return;
        _device.Launch(MaxKernel<T>.Run, PerRow(outputs, length), new MaxKernel<T>.Arguments
        {
            X = In<T>(x),
            Y = In<T>(y),
            Index = In<int>(index),
            Length = length,
            Inner = x.Shape.Skip(axis + 1).ElementCount,
        });
    }

    private void MaxGradient<T>(in View dy, in View index, int axis, in Destination dx)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int count = dx.View.Shape.ElementCount;
        if (count == 0) return;
        _device.Launch(MaxGradientKernel<T>.Run, PerElement(count), new MaxGradientKernel<T>.Arguments
        {
            Dy = In<T>(dy),
            Dx = In<T>(dx),
            Index = In<int>(index),
            Count = count,
            Length = dx.View.Shape[axis],
            Inner = dx.View.Shape.Skip(axis + 1).ElementCount,
            Adds = Adds(dx),
        });
    }
}
