using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void Upload<T>(ReadOnlySpan<T> from, in View into) where T : unmanaged
    {
        using VerbGate.Pass pass = Enter();
        RequireCount(from.Length, into);
        from.CopyTo(into.Span<T>());
    }

    /// <inheritdoc/>
    public virtual void Download<T>(in View from, Span<T> into) where T : unmanaged
    {
        using VerbGate.Pass pass = Enter();
        RequireCount(into.Length, from);
        from.Span<T>().CopyTo(into);
    }

    /// <inheritdoc/>
    public virtual void Fill(in View y, double value)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Fill(y);
        switch (y.DType)
        {
            case DType.Float32: y.Span<float>().Fill(NumberElement<float>.Narrow(value)); break;
            case DType.Float64: y.Span<double>().Fill(value); break;
            case DType.BFloat16: y.Span<BFloat16>().Fill(BFloat16Element.Narrow(value)); break;
            case DType.Int32: y.Span<int>().Fill(NumberElement<int>.Narrow(value)); break;
            default: y.Span<byte>().Fill(NumberElement<byte>.Narrow(value)); break;
        }
    }

    /// <inheritdoc/>
    public virtual void Copy(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Copy(x, y);
        switch (x.DType, y.View.DType)
        {
            case (DType.Float32, DType.Float32): Copy<float>(x, y); break;
            case (DType.Float32 or DType.BFloat16, DType.Float32 or DType.BFloat16): Cast(x, y); break;
            case (DType.Float64, DType.Float64): Copy<double>(x, y); break;
            case (DType.Int32, DType.Int32): Copy<int>(x, y); break;
            case (DType.Bool, DType.Bool): Copy<byte>(x, y); break;
            default: throw new DTypeException($"{x} cannot be copied to {y.View}.", "Cast it");
        }
    }

    /// <inheritdoc/>
    public virtual void Cast(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Cast(x, y);
        switch (x.DType)
        {
            case DType.Float32: CastFrom<float, NumberElement<float>>(x, y); break;
            case DType.Float64: CastFrom<double, NumberElement<double>>(x, y); break;
            case DType.BFloat16: CastFrom<BFloat16, BFloat16Element>(x, y); break;
            case DType.Int32: CastFrom<int, NumberElement<int>>(x, y); break;
            default: CastFrom<byte, NumberElement<byte>>(x, y); break;
        }
    }

    private static unsafe void Copy<T>(in View x, in Destination y) where T : unmanaged, INumber<T>
    {
        RequireAddable(y);
        View to = y.View;
        int stepX = Step(x), stepY = Step(to);
        for (int row = 0; row < to.Shape.Rows; row++)
        {
            T* px = Row<T>(x, row), py = Row<T>(to, row);
            for (int i = 0; i < to.Shape.Last; i++)
                Put(ref py[i * stepY], px[i * stepX], y.Accumulates);
        }
    }

    private static void CastFrom<TFrom, TRead>(in View x, in Destination y)
        where TFrom : unmanaged
        where TRead : struct, IElement<TFrom>
    {
        switch (y.View.DType)
        {
            case DType.Float32: Cast<TFrom, TRead, float, NumberElement<float>>(x, y); break;
            case DType.Float64: Cast<TFrom, TRead, double, NumberElement<double>>(x, y); break;
            case DType.BFloat16: Cast<TFrom, TRead, BFloat16, BFloat16Element>(x, y); break;
            case DType.Int32: Cast<TFrom, TRead, int, NumberElement<int>>(x, y); break;
            default: Cast<TFrom, TRead, byte, NumberElement<byte>>(x, y); break;
        }
    }

    /// <summary>Every element type fits double exactly.</summary>
    private static unsafe void Cast<TFrom, TRead, TTo, TStore>(in View x, in Destination y)
        where TFrom : unmanaged
        where TRead : struct, IElement<TFrom>
        where TTo : unmanaged
        where TStore : struct, IElement<TTo>
    {
        RequireAddable(y);
        View to = y.View;
        int stepX = Step(x), stepY = Step(to);
        for (int row = 0; row < to.Shape.Rows; row++)
        {
            TFrom* px = Row<TFrom>(x, row);
            TTo* py = Row<TTo>(to, row);
            for (int i = 0; i < to.Shape.Last; i++)
            {
                double value = TRead.Wide(px[i * stepX]);
                py[i * stepY] = y.Accumulates ? TStore.Sum(py[i * stepY], value) : TStore.Narrow(value);
            }
        }
    }

    private static void RequireAddable(in Destination y)
    {
        if (y.Accumulates && y.View.DType == DType.Bool)
            throw new DTypeException($"Nothing can be added to {y.View}: masks are truth values.", "overwrite it");
    }

    private static void RequireCount(int count, in View view)
    {
        if (count != view.Shape.ElementCount)
            throw new ShapeMismatchException($"{count} elements of host memory do not match {view} ({view.Shape.ElementCount}).");
    }
}
