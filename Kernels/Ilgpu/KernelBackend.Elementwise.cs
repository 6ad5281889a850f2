using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract partial class KernelBackend
{
    /// <inheritdoc/>
    public void Map<TOp>(in View x, in Destination y) where TOp : struct, IUnary<TOp>
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Map(x, y);
        if (AreRounded(x, y.View)) Map<TOp, float, ushort, AsBFloat16>(x, y);
        else if (WidenedVerbs.Are(x, y.View)) _widened.Map<TOp>(x, y);
        else if (y.View.DType == DType.Float64) Map<TOp, double, double, AsIs<double>>(x, y);
        else Map<TOp, float, float, AsIs<float>>(x, y);
    }

    /// <inheritdoc/>
    public void Zip<TOp>(in View a, in View b, in Destination y) where TOp : struct, IBinary<TOp>
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Zip(a, b, y);
        if (AreRounded(a, b, y.View)) Zip<TOp, float, ushort, AsBFloat16>(a, b, y);
        else if (WidenedVerbs.Are(a, b, y.View)) _widened.Zip<TOp>(a, b, y);
        else if (y.View.DType == DType.Float64) Zip<TOp, double, double, AsIs<double>>(a, b, y);
        else Zip<TOp, float, float, AsIs<float>>(a, b, y);
    }

    /// <inheritdoc/>
    public void Affine(in View x, double scale, double shift, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Affine(x, y);
        if (AreRounded(x, y.View)) Affine<ushort, BFloat16InDouble>(x, scale, shift, y);
        else if (WidenedVerbs.Are(x, y.View)) _widened.Affine(x, scale, shift, y);
        else if (y.View.DType == DType.Float64) Affine<double, AsIs<double>>(x, scale, shift, y);
        else Affine<float, SingleInDouble>(x, scale, shift, y);
    }

    /// <inheritdoc/>
    public void Where(in View mask, in View a, in View b, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Where(mask, a, b, y);
        if (AreRounded(a, b, y.View)) Where<float, ushort, AsBFloat16>(mask, a, b, y);
        else if (WidenedVerbs.Are(a, b, y.View)) _widened.Where(mask, a, b, y);
        else if (y.View.DType == DType.Float64) Where<double, double, AsIs<double>>(mask, a, b, y);
        else Where<float, float, AsIs<float>>(mask, a, b, y);
    }

    private void Map<TOp, T, TStored, TStorage>(in View x, in Destination y)
        where TOp : struct, IUnary<TOp>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        int count = y.View.Shape.ElementCount;
        if (count == 0) return;
        Walk.Of(x, y.View, out Walk walkX, out Walk walkY);
        MapKernel<TOp, T, TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Y = Stored<T, TStored, TStorage>(y),
            WalkX = walkX,
            WalkY = walkY,
            Count = count,
            Adds = Adds(y),
            InFours = InFours(count, walkX.IsDense && walkY.IsDense, IsAligned<TStored>(x) && IsAligned<TStored>(y.View)),
        };
        _device.Launch(MapKernel<TOp, T, TStored, TStorage>.Run, PerElement(count, arguments.InFours), arguments);
    }

    private void Zip<TOp, T, TStored, TStorage>(in View a, in View b, in Destination y)
        where TOp : struct, IBinary<TOp>
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        int count = y.View.Shape.ElementCount;
        if (count == 0) return;
        Walk.Of(a.BroadcastTo(y.View.Shape), b.BroadcastTo(y.View.Shape), y.View, out Walk walkA, out Walk walkB, out Walk walkY);
        ZipKernel<TOp, T, TStored, TStorage>.Arguments arguments = new()
        {
            A = Stored<T, TStored, TStorage>(a),
            B = Stored<T, TStored, TStorage>(b),
            Y = Stored<T, TStored, TStorage>(y),
            WalkA = walkA,
            WalkB = walkB,
            WalkY = walkY,
            Count = count,
            Adds = Adds(y),
            InFours = InFours(count, walkA.IsDense && walkB.IsDense && walkY.IsDense,
                IsAligned<TStored>(a) && IsAligned<TStored>(b) && IsAligned<TStored>(y.View)),
        };
        _device.Launch(ZipKernel<TOp, T, TStored, TStorage>.Run, PerElement(count, arguments.InFours), arguments);
    }

    private void Affine<TStored, TStorage>(in View x, double scale, double shift, in Destination y)
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, double>
    {
        int count = y.View.Shape.ElementCount;
        if (count == 0) return;
        Walk.Of(x, y.View, out Walk walkX, out Walk walkY);
        AffineKernel<TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<double, TStored, TStorage>(x),
            Y = Stored<double, TStored, TStorage>(y),
            WalkX = walkX,
            WalkY = walkY,
            Scale = scale,
            Shift = shift,
            Count = count,
            Adds = Adds(y),
            InFours = InFours(count, walkX.IsDense && walkY.IsDense, IsAligned<TStored>(x) && IsAligned<TStored>(y.View)),
        };
        _device.Launch(AffineKernel<TStored, TStorage>.Run, PerElement(count, arguments.InFours), arguments);
    }

    private void Where<T, TStored, TStorage>(in View mask, in View a, in View b, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        Shape shape = y.View.Shape;
        if (shape.ElementCount == 0) return;
        WhereKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            Mask = In<byte>(mask),
            A = Stored<T, TStored, TStorage>(a),
            B = Stored<T, TStored, TStorage>(b),
            Y = Stored<T, TStored, TStorage>(y),
            WalkMask = Walk.Of(mask.BroadcastTo(shape)),
            WalkA = a.Exists ? Walk.Of(a.BroadcastTo(shape)) : default,
            WalkB = b.Exists ? Walk.Of(b.BroadcastTo(shape)) : default,
            WalkY = Walk.Of(y.View),
            Count = shape.ElementCount,
            HasA = Has(a),
            HasB = Has(b),
            Adds = Adds(y),
        };
        bool areDense = arguments.WalkMask.IsDense && arguments.WalkY.IsDense && (!a.Exists || arguments.WalkA.IsDense)
            && (!b.Exists || arguments.WalkB.IsDense);
        arguments.InFours = InFours(shape.ElementCount, areDense,
            IsAligned<byte>(mask) && IsAligned<TStored>(a) && IsAligned<TStored>(b) && IsAligned<TStored>(y.View));
        _device.Launch(
            WhereKernel<T, TStored, TStorage>.Run, PerElement(shape.ElementCount, arguments.InFours), arguments);
    }
}
