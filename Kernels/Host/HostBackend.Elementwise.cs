using System.Numerics;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    /// <summary>Below this many bytes waking a thread costs more than it brings.</summary>
    private const long WorthSharing = 1 << 15;

    private const int PartsPerThread = 4;

    /// <summary>Elements between cuts of flat work: whole cache lines, whole vectors.</summary>
    private const int Grain = 256;

    /// <inheritdoc/>
    public override void Map<TOp>(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Map(x, y);
        if (WidenedVerbs.Are(x, y.View)) base.Map<TOp>(x, y);
        else if (y.View.DType == DType.Float64) Map<TOp, double>(x, y);
        else Map<TOp, float>(x, y);
    }

    /// <inheritdoc/>
    public override void Zip<TOp>(in View a, in View b, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Zip(a, b, y);
        bool done = !WidenedVerbs.Are(a, b, y.View)
            && (y.View.DType == DType.Float64 ? TryZip<TOp, double>(a, b, y) : TryZip<TOp, float>(a, b, y));
        if (!done) base.Zip<TOp>(a, b, y);
    }

    /// <inheritdoc/>
    public override void Affine(in View x, double scale, double shift, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Affine(x, y);
        if (WidenedVerbs.Are(x, y.View)) base.Affine(x, scale, shift, y);
        else if (y.View.DType == DType.Float64) Affine<double>(x, scale, shift, y);
        else Affine<float>(x, scale, shift, y);
    }

    private unsafe void Map<TOp, T>(in View x, in Destination y)
        where TOp : struct, IUnary<TOp>
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Share(y.View.Shape.ElementCount, Grain, 2 * y.View.Bytes,
            new MapRange<TOp, T>(Dense<T>(x), Dense<T>(y.View), y.Accumulates));

    private unsafe void Affine<T>(in View x, double scale, double shift, in Destination y)
        where T : unmanaged =>
        Share(y.View.Shape.ElementCount, Grain, 2 * y.View.Bytes,
            new AffineRange<T>(Dense<T>(x), Dense<T>(y.View), scale, shift, y.Accumulates));

    private unsafe bool TryZip<TOp, T>(in View a, in View b, in Destination y)
        where TOp : struct, IBinary<TOp>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        View to = y.View;
        int count = to.Shape.ElementCount;
        if (count == 0) return true;
        bool repeatA = a.Shape.ElementCount == 1, repeatB = b.Shape.ElementCount == 1;
        if (to.IsDense && (repeatA || Same(a, to)) && (repeatB || Same(b, to)))
        {
            T* pa = a.Pointer<T>(), pb = b.Pointer<T>(), py = to.Pointer<T>();
            Share(count, Grain, 3 * to.Bytes, new ZipRange<TOp, T>(pa, repeatA, pb, repeatB, py, y.Accumulates));
            return true;
        }

        View left = a.BroadcastTo(to.Shape), right = b.BroadcastTo(to.Shape);
        if (!StridedRows.Readable(left) || !StridedRows.Readable(right) || StridedRows.Step(to) != 1) return false;
        Share(to.Shape.Rows, 1, 3 * to.Bytes, new ZipRows<TOp, T>(left, right, to, y.Accumulates));
        return true;
    }

    private static bool Same(in View x, in View y) => x.Shape == y.Shape && x.IsDense;

    /// <summary>The elements of a dense view; a strided one is refused with a message.</summary>
    private static unsafe T* Dense<T>(in View x)
        where T : unmanaged
    {
        if (!x.IsDense)
            _ = x.Span<T>();
        return x.Pointer<T>();
    }

    /// <summary>Spreads independent items over the threads, or does them here when <paramref name="bytes"/> are few.</summary>
    private void Share<TRange>(int length, int grain, long bytes, in TRange range)
        where TRange : struct, IRange
    {
        if (length == 0) return;
        if (bytes < WorthSharing || Threads == 1 || length <= grain)
        {
            range.Run(0, length);
            return;
        }

        // More parts than threads: a core that someone else uses holds up a part, not its whole share.
        int parts = (int)Math.Min(PartsPerThread * Threads, 2 * bytes / WorthSharing);
        _pool.Run(parts, new RangeParts<TRange>(range, length, grain, parts));
    }
}
