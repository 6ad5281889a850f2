using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void Upload<T>(ReadOnlySpan<T> from, in View into) where T : unmanaged
    {
        RequireCount(from.Length, into);
        from.CopyTo(into.Span<T>());
    }

    /// <inheritdoc/>
    public virtual void Download<T>(in View from, Span<T> into) where T : unmanaged
    {
        RequireCount(into.Length, from);
        from.Span<T>().CopyTo(into);
    }

    /// <inheritdoc/>
    public virtual void Fill(in View y, double value)
    {
        switch (y.DType)
        {
            case DType.Float32: y.Span<float>().Fill(Convert<float>(value)); break;
            case DType.Float64: y.Span<double>().Fill(value); break;
            case DType.Int32: y.Span<int>().Fill(Convert<int>(value)); break;
            default: y.Span<byte>().Fill(Convert<byte>(value)); break;
        }
    }

    /// <inheritdoc/>
    public virtual void Copy(in View x, in Destination y)
    {
        switch (x.DType)
        {
            case DType.Float32: Copy<float>(x, y); break;
            case DType.Float64: Copy<double>(x, y); break;
            case DType.Int32: Copy<int>(x, y); break;
            default: Copy<byte>(x, y); break;
        }
    }

    /// <inheritdoc/>
    public virtual void Cast(in View x, in Destination y)
    {
        switch (x.DType)
        {
            case DType.Float32: CastFrom<float>(x, y); break;
            case DType.Float64: CastFrom<double>(x, y); break;
            case DType.Int32: CastFrom<int>(x, y); break;
            default: CastFrom<byte>(x, y); break;
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

    private static void CastFrom<TFrom>(in View x, in Destination y) where TFrom : unmanaged, INumber<TFrom>
    {
        switch (y.View.DType)
        {
            case DType.Float32: Cast<TFrom, float>(x, y); break;
            case DType.Float64: Cast<TFrom, double>(x, y); break;
            case DType.Int32: Cast<TFrom, int>(x, y); break;
            default: Cast<TFrom, byte>(x, y); break;
        }
    }

    private static unsafe void Cast<TFrom, TTo>(in View x, in Destination y)
        where TFrom : unmanaged, INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        RequireAddable(y);
        View to = y.View;
        int stepX = Step(x), stepY = Step(to);
        for (int row = 0; row < to.Shape.Rows; row++)
        {
            TFrom* px = Row<TFrom>(x, row);
            TTo* py = Row<TTo>(to, row);
            for (int i = 0; i < to.Shape.Last; i++)
                Put(ref py[i * stepY], Convert<TTo>(Wide(px[i * stepX])), y.Accumulates);
        }
    }

    /// <summary>Every element type fits double exactly. To int: truncated, saturated, NaN is 0. To bool: NaN is 1.</summary>
    private static T Convert<T>(double x) where T : unmanaged, INumber<T> =>
        typeof(T) == typeof(byte) ? (x != 0 ? T.One : T.Zero) : T.CreateSaturating(x);

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
