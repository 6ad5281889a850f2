using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public override void Fill(in View y, double value)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Fill(y);
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
        using VerbGate.Pass pass = Enter();
        VerbShapes.Copy(x, y);
        bool done = WidenedVerbs.Are(x, y.View) ? TryRound(x, y) : x.DType switch
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
        {
            Share(to.Shape.ElementCount, Grain, 2 * to.Bytes, new CopyRange<T>(x.Pointer<T>(), to.Pointer<T>(), y.Accumulates));
            return true;
        }

        // The order of the axes is free as long as it is the same in both: y's neighbours come last.
        View from = x;
        if (StridedRows.Step(to) != 1 && Unit(to, out int inner))
            (from, to) = (from.Swap(inner, to.Shape.Rank - 1), to.Swap(inner, to.Shape.Rank - 1));
        if (StridedRows.Step(to) != 1) return false;
        if (StridedRows.Readable(from))
        {
            Share(to.Shape.Rows, 1, 2 * to.Bytes, new CopyRows<T>(from, to, y.Accumulates));
            return true;
        }

        if (!Unit(from, out int near)) return false;
        (from, to) = (from.Swap(near, to.Shape.Rank - 2), to.Swap(near, to.Shape.Rank - 2));
        Share(TransposedCopy<T>.Strips(to), 1, 2 * to.Bytes, new TransposedCopy<T>(from, to, y.Accumulates));
        return true;
    }

    /// <summary>An axis other than the last along which neighbours of a view lie side by side.</summary>
    private static bool Unit(in View x, out int axis)
    {
        for (axis = x.Shape.Rank - 2; axis >= 0; axis--)
            if (x.Stride(axis) == 1 && x.Shape[axis] > 1) return true;
        return false;
    }
}
