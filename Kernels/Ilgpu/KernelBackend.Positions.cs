using System.Numerics;
using AutogradCore.Kernels.Ilgpu;

namespace AutogradCore.Kernels;

public abstract partial class KernelBackend
{
    /// <inheritdoc/>
    public void Rotary(in View x, in RotaryOptions options, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Rotary(x, y);
        if (AreRounded(x, y.View)) Rotary<float, ushort, AsBFloat16>(x, options, y);
        else if (WidenedVerbs.Are(x, y.View)) _widened.Rotary(x, options, y);
        else if (x.DType == DType.Float64) Rotary<double, double, AsIs<double>>(x, options, y);
        else Rotary<float, float, AsIs<float>>(x, options, y);
    }

    /// <inheritdoc/>
    public void Dropout(in View x, double p, RandomStream stream, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Dropout(x, y);
        if (AreRounded(x, y.View)) Dropout<float, ushort, AsBFloat16>(x, p, stream, y);
        else if (WidenedVerbs.Are(x, y.View)) _widened.Dropout(x, p, stream, y);
        else if (x.DType == DType.Float64) Dropout<double, double, AsIs<double>>(x, p, stream, y);
        else Dropout<float, float, AsIs<float>>(x, p, stream, y);
    }

    private void Rotary<T, TStored, TStorage>(in View x, RotaryOptions options, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        int pairs = x.Shape.ElementCount / 2, half = x.Shape[3] / 2;
        if (pairs == 0) return;
        (ArrayView<T> cos, ArrayView<T> sin) = _rotary.Of<T>(options, x.Shape[1], half);
        int inFours = AreFours<TStored>(half, x, y.View), together = inFours != 0 ? 4 : 1;
        RotaryKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Y = Stored<T, TStored, TStorage>(y),
            Cos = new(cos),
            Sin = new(sin),
            Sign = options.Inverse ? -T.One : T.One,
            Pairs = pairs / together,
            Half = half / together,
            Heads = x.Shape[2],
            Time = x.Shape[1],
            Adds = Adds(y),
            InFours = inFours,
        };
        _device.Launch(RotaryKernel<T, TStored, TStorage>.Run, PerElement(arguments.Pairs), arguments);
    }

    private void Dropout<T, TStored, TStorage>(in View x, double p, RandomStream stream, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
        where TStored : unmanaged
        where TStorage : struct, IStorage<TStored, T>
    {
        int count = x.Shape.ElementCount;
        if (count == 0) return;
        DropoutKernel<T, TStored, TStorage>.Arguments arguments = new()
        {
            X = Stored<T, TStored, TStorage>(x),
            Y = Stored<T, TStored, TStorage>(y),
            Keep = T.CreateTruncating(1 - p),
            Key0 = (uint)stream.Key,
            Key1 = (uint)(stream.Key >> 32),
            Stream0 = (uint)stream.Stream,
            Stream1 = (uint)(stream.Stream >> 32),
            Threshold = (int)Math.Ceiling(p * (1 << 24)),
            Count = count,
            Adds = Adds(y),
            InFours = InFours(count, true, IsAligned<TStored>(x) && IsAligned<TStored>(y.View)),
        };
        _device.Launch(DropoutKernel<T, TStored, TStorage>.Run, PerElement((count + 3L) / 4), arguments);
    }
}
