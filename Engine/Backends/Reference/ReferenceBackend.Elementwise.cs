using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void Map<TOp>(in View x, in Destination y) where TOp : struct, IUnary<TOp>
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Map(x, y);
        if (WidenedVerbs.Are(x, y.View)) Widened.Map<TOp>(x, y);
        else if (y.View.DType == DType.Float64) Map<TOp, double>(x, y);
        else Map<TOp, float>(x, y);
    }

    /// <inheritdoc/>
    public virtual void Zip<TOp>(in View a, in View b, in Destination y) where TOp : struct, IBinary<TOp>
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Zip(a, b, y);
        if (WidenedVerbs.Are(a, b, y.View)) Widened.Zip<TOp>(a, b, y);
        else if (y.View.DType == DType.Float64) Zip<TOp, double>(a, b, y);
        else Zip<TOp, float>(a, b, y);
    }

    /// <inheritdoc/>
    public virtual void Affine(in View x, double scale, double shift, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Affine(x, y);
        if (WidenedVerbs.Are(x, y.View)) Widened.Affine(x, scale, shift, y);
        else if (y.View.DType == DType.Float64) Affine<double>(x, scale, shift, y);
        else Affine<float>(x, scale, shift, y);
    }

    /// <inheritdoc/>
    public virtual void Where(in View mask, in View a, in View b, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Where(mask, a, b, y);
        if (WidenedVerbs.Are(a, b, y.View)) Widened.Where(mask, a, b, y);
        else if (y.View.DType == DType.Float64) Where<double>(mask, a, b, y);
        else Where<float>(mask, a, b, y);
    }

    private static void Map<TOp, T>(in View x, in Destination y)
        where TOp : struct, IUnary<TOp>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> from = x.Span<T>(), to = y.View.Span<T>();
        for (int i = 0; i < to.Length; i++)
            Put(ref to[i], TOp.Apply(from[i]), y.Accumulates);
    }

    private static unsafe void Zip<TOp, T>(in View a, in View b, in Destination y)
        where TOp : struct, IBinary<TOp>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        View to = y.View, left = a.BroadcastTo(to.Shape), right = b.BroadcastTo(to.Shape);
        int stepA = Step(left), stepB = Step(right), stepY = Step(to);
        for (int row = 0; row < to.Shape.Rows; row++)
        {
            T* pa = Row<T>(left, row), pb = Row<T>(right, row), py = Row<T>(to, row);
            for (int i = 0; i < to.Shape.Last; i++)
                Put(ref py[i * stepY], TOp.Apply(pa[i * stepA], pb[i * stepB]), y.Accumulates);
        }
    }

    private static void Affine<T>(in View x, double scale, double shift, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> from = x.Span<T>(), to = y.View.Span<T>();
        for (int i = 0; i < to.Length; i++)
            Put(ref to[i], scale * Wide(from[i]) + shift, y.Accumulates);
    }

    private static unsafe void Where<T>(in View mask, in View a, in View b, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        View to = y.View, choice = mask.BroadcastTo(to.Shape);
        View left = a.Exists ? a.BroadcastTo(to.Shape) : default, right = b.Exists ? b.BroadcastTo(to.Shape) : default;
        for (int row = 0; row < to.Shape.Rows; row++)
        {
            byte* pm = Row<byte>(choice, row);
            T* pa = a.Exists ? Row<T>(left, row) : null, pb = b.Exists ? Row<T>(right, row) : null;
            T* py = Row<T>(to, row);
            for (int i = 0; i < to.Shape.Last; i++)
            {
                T value = pm[i * Step(choice)] != 0
                    ? (a.Exists ? pa[i * Step(left)] : T.Zero)
                    : (b.Exists ? pb[i * Step(right)] : T.Zero);
                Put(ref py[i * Step(to)], value, y.Accumulates);
            }
        }
    }
}
