using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Map<TOp>(in View x, in Destination y) where TOp : struct, IUnary<TOp>
    {
        if (x.DType == DType.Float64) Map<TOp, double>(x, y);
        else Map<TOp, float>(x, y);
    }

    private void Map<TOp, T>(in View x, in Destination y)
        where TOp : struct, IUnary<TOp>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int count = y.View.Shape.ElementCount;
        if (count == 0) return;
        Walk.Of(x, y.View, out Walk walkX, out Walk walkY);
        _device.Launch(MapKernel<TOp, T>.Run, PerElement(count), new MapKernel<TOp, T>.Arguments
        {
            X = In<T>(x),
            Y = In<T>(y),
            WalkX = walkX,
            WalkY = walkY,
            Count = count,
            Adds = Adds(y),
        });
    }
}
