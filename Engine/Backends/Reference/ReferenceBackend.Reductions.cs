using System.Numerics;
using static AutogradCore.Loops;

namespace AutogradCore;

public partial class ReferenceBackend
{
    /// <inheritdoc/>
    public virtual void Sum(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Sum(x, y);
        if (WidenedVerbs.Are(x, y.View)) Widened.Sum(x, y);
        else if (x.DType == DType.Float64) Sum<double>(x, y);
        else Sum<float>(x, y);
    }

    /// <inheritdoc/>
    public virtual void Max(in View x, int axis, in View y, in View index)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Max(x, axis, y, index);
        if (WidenedVerbs.Are(x, y)) Widened.Max(x, axis, y, index);
        else if (x.DType == DType.Float64) Max<double>(x, axis, y, index);
        else Max<float>(x, axis, y, index);
    }

    /// <inheritdoc/>
    public virtual void MaxGradient(in View dy, in View index, int axis, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.MaxGradient(dy, index, axis, dx);
        if (WidenedVerbs.Are(dy, dx.View)) Widened.MaxGradient(dy, index, axis, dx);
        else if (dy.DType == DType.Float64) MaxGradient<double>(dy, index, axis, dx);
        else MaxGradient<float>(dy, index, axis, dx);
    }

    /// <inheritdoc/>
    public virtual bool IsFinite(in View x)
    {
        using VerbGate.Pass pass = Enter();
        return x.DType switch
        {
            DType.Float64 => IsFinite<double>(x),
            DType.BFloat16 => Widened.IsFinite(x),
            _ => IsFinite<float>(x),
        };
    }

    /// <inheritdoc/>
    public virtual double SquaredNorm(in View x)
    {
        using VerbGate.Pass pass = Enter();
        return x.DType switch
        {
            DType.Float64 => SquaredNorm<double>(x),
            DType.BFloat16 => Widened.SquaredNorm(x),
            _ => SquaredNorm<float>(x),
        };
    }

    private static unsafe void Sum<T>(in View x, in Destination y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (x.Shape.ElementCount == 0)
        {
            if (!y.Accumulates) y.View.Span<T>().Clear();
            return;
        }
        // x splits into the first term of every sum, laid out like y, and the terms of the first sum.
        View firsts = x, terms = x;
        int lacking = x.Shape.Rank - y.View.Shape.Rank;
        for (int axis = 0; axis < x.Shape.Rank; axis++)
        {
            if (axis < lacking || y.View.Shape[axis - lacking] == 1) firsts = firsts.Slice(axis, 0, 1);
            else terms = terms.Slice(axis, 0, 1);
        }
        Span<T> to = y.View.Span<T>();
        int step = Step(terms);
        for (int o = 0; o < to.Length; o++)
        {
            int start = Distance(firsts, o, firsts.Shape.Rank);
            double sum = 0;
            for (int row = 0; row < terms.Shape.Rows; row++)
            {
                T* px = Row<T>(terms, row) + start;
                for (int i = 0; i < terms.Shape.Last; i++) sum += Wide(px[i * step]);
            }
            Put(ref to[o], sum, y.Accumulates);
        }
    }

    private static void Max<T>(in View x, int axis, in View y, in View index) where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int length, int inner) = (x.Shape[axis], x.Shape.Skip(axis + 1).ElementCount);
        Span<T> from = x.Span<T>(), to = y.Span<T>();
        Span<int> position = index.Span<int>();
        for (int o = 0; o < to.Length; o++)
        {
            int start = o / inner * length * inner + o % inner, best = 0;
            T max = length > 0 ? from[start] : T.NegativeInfinity;
            for (int i = 1; i < length && !T.IsNaN(max); i++)
            {
                T value = from[start + i * inner];
                if (value > max || T.IsNaN(value)) (max, best) = (value, i);
            }
            (to[o], position[o]) = (max, best);
        }
    }

    private static void MaxGradient<T>(in View dy, in View index, int axis, in Destination dx)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int length, int inner) = (dx.View.Shape[axis], dx.View.Shape.Skip(axis + 1).ElementCount);
        Span<T> from = dy.Span<T>(), to = dx.View.Span<T>();
        Span<int> position = index.Span<int>();
        for (int i = 0; i < to.Length; i++)
        {
            int o = i / inner / length * inner + i % inner;
            if (position[o] == i / inner % length) Put(ref to[i], from[o], dx.Accumulates);
            else if (!dx.Accumulates) to[i] = T.Zero;
        }
    }

    private static bool IsFinite<T>(in View x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (T value in x.Span<T>())
            if (!T.IsFinite(value)) return false;
        return true;
    }

    private static double SquaredNorm<T>(in View x) where T : unmanaged, IFloatingPointIeee754<T>
    {
        double sum = 0;
        foreach (T value in x.Span<T>()) sum += Wide(value) * Wide(value);
        return sum;
    }
}
