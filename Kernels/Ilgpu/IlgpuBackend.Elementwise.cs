using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Map<TOp>(in View x, in Destination y) where TOp : struct, IUnary<TOp>
    {
        if (WidenedVerbs.Are(x, y.View)) _widened.Map<TOp>(x, y);
        else if (y.View.DType == DType.Float64) Map<TOp, double>(x, y);
        else Map<TOp, float>(x, y);
    }

    /// <inheritdoc/>
    public void Zip<TOp>(in View a, in View b, in Destination y) where TOp : struct, IBinary<TOp>
    {
        if (WidenedVerbs.Are(a, b, y.View)) _widened.Zip<TOp>(a, b, y);
        else if (y.View.DType == DType.Float64) Zip<TOp, double>(a, b, y);
        else Zip<TOp, float>(a, b, y);
    }

    /// <inheritdoc/>
    public void Affine(in View x, double scale, double shift, in Destination y)
    {
        if (WidenedVerbs.Are(x, y.View)) _widened.Affine(x, scale, shift, y);
        else if (y.View.DType == DType.Float64) Affine<double>(x, scale, shift, y);
        else Affine<float>(x, scale, shift, y);
    }

    /// <inheritdoc/>
    public void Where(in View mask, in View a, in View b, in Destination y)
    {
        if (WidenedVerbs.Are(a, b, y.View)) _widened.Where(mask, a, b, y);
        else if (y.View.DType == DType.Float64) Where<double>(mask, a, b, y);
        else Where<float>(mask, a, b, y);
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

    private void Zip<TOp, T>(in View a, in View b, in Destination y)
        where TOp : struct, IBinary<TOp>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int count = y.View.Shape.ElementCount;
        if (count == 0) return;
        Walk.Of(a.BroadcastTo(y.View.Shape), b.BroadcastTo(y.View.Shape), y.View, out Walk walkA, out Walk walkB, out Walk walkY);
        _device.Launch(ZipKernel<TOp, T>.Run, PerElement(count), new ZipKernel<TOp, T>.Arguments
        {
            A = In<T>(a),
            B = In<T>(b),
            Y = In<T>(y),
            WalkA = walkA,
            WalkB = walkB,
            WalkY = walkY,
            Count = count,
            Adds = Adds(y),
        });
    }

    private void Affine<T>(in View x, double scale, double shift, in Destination y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        int count = y.View.Shape.ElementCount;
        if (count == 0) return;
        Walk.Of(x, y.View, out Walk walkX, out Walk walkY);
        _device.Launch(AffineKernel<T>.Run, PerElement(count), new AffineKernel<T>.Arguments
        {
            X = In<T>(x),
            Y = In<T>(y),
            WalkX = walkX,
            WalkY = walkY,
            Scale = T.CreateTruncating(scale),
            Shift = T.CreateTruncating(shift),
            Count = count,
            Adds = Adds(y),
        });
    }

    private void Where<T>(in View mask, in View a, in View b, in Destination y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Shape shape = y.View.Shape;
        if (shape.ElementCount == 0) return;
        _device.Launch(WhereKernel<T>.Run, PerElement(shape.ElementCount), new WhereKernel<T>.Arguments
        {
            Mask = In<byte>(mask),
            A = In<T>(a),
            B = In<T>(b),
            Y = In<T>(y),
            WalkMask = Walk.Of(mask.BroadcastTo(shape)),
            WalkA = a.Exists ? Walk.Of(a.BroadcastTo(shape)) : default,
            WalkB = b.Exists ? Walk.Of(b.BroadcastTo(shape)) : default,
            WalkY = Walk.Of(y.View),
            Count = shape.ElementCount,
            HasA = Has(a),
            HasB = Has(b),
            Adds = Adds(y),
        });
    }
}
