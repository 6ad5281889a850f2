using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract partial class KernelBackend
{
    /// <inheritdoc/>
    public void Fill(in View y, double value)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Fill(y);
        switch (y.DType)
        {
            case DType.Float32: Fill(y, (float)value); break;
            case DType.Float64: Fill<double>(y, value); break;
            case DType.BFloat16: Fill(y, AsBFloat16.Store((float)value)); break;
            case DType.Int32: Fill(y, Conversions.DoubleToInt.Apply(value)); break;
            default: Fill(y, Conversions.DoubleToMask.Apply(value)); break;
        }
    }

    /// <inheritdoc/>
    public void Copy(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Copy(x, y);
        switch (x.DType, y.View.DType)
        {
            case (DType.Float32, DType.Float32): Copy<float>(x, y); break;
            case (DType.Float32, DType.BFloat16): Copy<float, float, AsIs<float>, ushort, AsBFloat16>(x, y); break;
            case (DType.BFloat16, DType.Float32): Copy<float, ushort, AsBFloat16, float, AsIs<float>>(x, y); break;
            case (DType.BFloat16, DType.BFloat16): Copy<float, ushort, AsBFloat16, ushort, AsBFloat16>(x, y); break;
            case (DType.Float64, DType.Float64): Copy<double>(x, y); break;
            case (DType.Int32, DType.Int32): Copy<int>(x, y); break;
            case (DType.Bool, DType.Bool): Copy<byte>(x, y); break;
            default: throw new DTypeException($"{x} cannot be copied to {y.View}.", "Cast it");
        }
    }

    /// <inheritdoc/>
    public void Cast(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Cast(x, y);
        switch (x.DType, y.View.DType)
        {
            case (DType.Float32, DType.Float64): Cast<float, double, Conversions.SingleToDouble>(x, y); break;
            case (DType.Float32, DType.Int32): Cast<float, int, Conversions.SingleToInt>(x, y); break;
            case (DType.Float32, DType.Bool): Cast<float, byte, Conversions.SingleToMask>(x, y); break;
            case (DType.Float64, DType.Float32): Cast<double, float, Conversions.DoubleToSingle>(x, y); break;
            case (DType.Float64, DType.Int32): Cast<double, int, Conversions.DoubleToInt>(x, y); break;
            case (DType.Float64, DType.Bool): Cast<double, byte, Conversions.DoubleToMask>(x, y); break;
            case (DType.Int32, DType.Float32): Cast<int, float, Conversions.IntToSingle>(x, y); break;
            case (DType.Int32, DType.Float64): Cast<int, double, Conversions.IntToDouble>(x, y); break;
            case (DType.Int32, DType.Bool): Cast<int, byte, Conversions.IntToMask>(x, y); break;
            case (DType.Bool, DType.Float32): Cast<byte, float, Conversions.MaskToSingle>(x, y); break;
            case (DType.Bool, DType.Float64): Cast<byte, double, Conversions.MaskToDouble>(x, y); break;
            case (DType.Bool, DType.Int32): Cast<byte, int, Conversions.MaskToInt>(x, y); break;
            case (DType.BFloat16, DType.Float64 or DType.Int32 or DType.Bool): CastByWayOfFloats(x, y); break;
            case (DType.Float64 or DType.Int32 or DType.Bool, DType.BFloat16): CastByWayOfFloats(x, y); break;
            default: Copy(x, y); break;
        }
    }

    private void CastByWayOfFloats(in View x, in Destination y)
    {
        RequireAddable(y);
        Buffer buffer = Memory.Rent((long)x.Shape.ElementCount * sizeof(float));
        View wide = new(buffer, DType.Float32, x.Shape);
        Cast(x, Destination.Into(wide));
        Cast(wide, y);
        buffer.Return();
    }

    private void Fill<T>(in View y, T value) where T : unmanaged
    {
        int count = y.Shape.ElementCount;
        if (count == 0) return;
        FillKernel<T>.Arguments arguments = new() { Y = In<T>(y), Value = value, Count = count };
        _device.Launch(FillKernel<T>.Run, PerElement(count), arguments);
    }

    private void Copy<T>(in View x, in Destination y) where T : unmanaged, INumber<T> => Copy<T, T, AsIs<T>, T, AsIs<T>>(x, y);

    private void Copy<T, TFrom, TRead, TTo, TWrite>(in View x, in Destination y)
        where T : unmanaged, INumber<T>
        where TFrom : unmanaged
        where TRead : struct, IStorage<TFrom, T>
        where TTo : unmanaged
        where TWrite : struct, IStorage<TTo, T>
    {
        RequireAddable(y);
        int count = y.View.Shape.ElementCount;
        if (count == 0) return;
        Walk.Of(x, y.View, out Walk walkX, out Walk walkY);
        CopyKernel<T, TFrom, TRead, TTo, TWrite>.Arguments arguments = new()
        {
            X = Stored<T, TFrom, TRead>(x),
            Y = Stored<T, TTo, TWrite>(y),
            WalkX = walkX,
            WalkY = walkY,
            Count = count,
            Adds = Adds(y),
            InFours = InFours(count, walkX.IsDense && walkY.IsDense, IsAligned<TFrom>(x) && IsAligned<TTo>(y.View)),
        };
        _device.Launch(CopyKernel<T, TFrom, TRead, TTo, TWrite>.Run, PerElement(count, arguments.InFours), arguments);
    }

    private void Cast<TFrom, TTo, TConversion>(in View x, in Destination y)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
        where TConversion : struct, IConversion<TFrom, TTo>
    {
        RequireAddable(y);
        int count = y.View.Shape.ElementCount;
        if (count == 0) return;
        Walk.Of(x, y.View, out Walk walkX, out Walk walkY);
        CastKernel<TFrom, TTo, TConversion>.Arguments arguments = new()
        {
            X = Stored<TFrom, TFrom, AsIs<TFrom>>(x),
            Y = Stored<TTo, TTo, AsIs<TTo>>(y),
            WalkX = walkX,
            WalkY = walkY,
            Count = count,
            Adds = Adds(y),
            InFours = InFours(count, walkX.IsDense && walkY.IsDense, IsAligned<TFrom>(x) && IsAligned<TTo>(y.View)),
        };
        _device.Launch(CastKernel<TFrom, TTo, TConversion>.Run, PerElement(count, arguments.InFours), arguments);
    }

    private static void RequireAddable(in Destination y)
    {
        if (y.Accumulates && y.View.DType == DType.Bool)
            throw new DTypeException($"Nothing can be added to {y.View}: masks are truth values.", "overwrite it");
    }
}
