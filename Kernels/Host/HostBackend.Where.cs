using System.Numerics;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public override void Where(in View mask, in View a, in View b, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Where(mask, a, b, y);
        bool done = !WidenedVerbs.Are(a, b, y.View)
            && (y.View.DType == DType.Float64 ? TryWhere<double>(mask, a, b, y) : TryWhere<float>(mask, a, b, y));
        if (!done) base.Where(mask, a, b, y);
    }

    private unsafe bool TryWhere<T>(in View mask, in View a, in View b, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        View to = y.View;
        int count = to.Shape.ElementCount;
        if (count == 0) return true;
        if (to.IsDense && Flat(mask, to, out bool repeatMask) && Flat(a, to, out bool repeatA) && Flat(b, to, out bool repeatB))
        {
            Share(count, Grain, 3 * to.Bytes, new WhereRange<T>(
                mask.Pointer<byte>(), repeatMask, Optional<T>(a), repeatA, Optional<T>(b), repeatB,
                to.Pointer<T>(), y.Accumulates));
            return true;
        }

        View choice = mask.BroadcastTo(to.Shape);
        View left = a.Exists ? a.BroadcastTo(to.Shape) : default, right = b.Exists ? b.BroadcastTo(to.Shape) : default;
        bool readable = StridedRows.Readable(choice) && StridedRows.Step(to) == 1
            && (!left.Exists || StridedRows.Readable(left)) && (!right.Exists || StridedRows.Readable(right));
        if (readable) Share(to.Shape.Rows, 1, 3 * to.Bytes, new WhereRows<T>(choice, left, right, to, y.Accumulates));
        return readable;
    }

    /// <summary>Whether an operand can be read beside a dense result from end to end: absent, alike, or one repeated
    /// number.</summary>
    private static bool Flat(in View x, in View y, out bool repeat)
    {
        repeat = x.Exists && x.Shape.ElementCount == 1;
        return repeat || !x.Exists || Same(x, y);
    }
}
