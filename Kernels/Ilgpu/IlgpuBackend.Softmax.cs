using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Softmax(in View x, in Destination y)
    {
        if (x.DType == DType.Float64) Softmax<double>(x, y);
        else Softmax<float>(x, y);
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
}
