using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public override void Fill(in View y, double value)
    {
        switch (y.DType)
        {
            case DType.Float32: FillWith(y, (float)value); break;
            case DType.Float64: FillWith(y, value); break;
            default: base.Fill(y, value); break;
        }
    }

    /// <inheritdoc/>
    public override void Copy(in View x, in Destination y)
    {
        bool done = x.DType switch
        {
            DType.Float32 => TryCopy<float>(x, y),
            DType.Float64 => TryCopy<double>(x, y),
            _ => false,
        };
        if (!done) base.Copy(x, y);
    }

    private unsafe void FillWith<T>(in View y, T value)
        where T : unmanaged =>
        Share(y.Shape.ElementCount, Grain, y.Bytes, new FillRange<T>(Dense<T>(y), value));

    private unsafe bool TryCopy<T>(in View x, in Destination y)
        where T : unmanaged
    {
        View to = y.View;
        if (to.Shape.ElementCount == 0) return true;
        if (x.IsDense && to.IsDense)
            Share(to.Shape.ElementCount, Grain, 2 * to.Bytes, new CopyRange<T>(x.Pointer<T>(), to.Pointer<T>(), y.Accumulates));
        else if (StridedRows.Step(x) == 1 && StridedRows.Step(to) == 1)
            Share(to.Shape.Rows, 1, 2 * to.Bytes, new CopyRows<T>(x, to, y.Accumulates));
        else
            return false;
        return true;
    }
}
