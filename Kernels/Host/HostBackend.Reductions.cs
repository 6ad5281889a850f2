using System.Numerics;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    private const int SlotPartials = 0;

    private readonly Host.Scratch _scratch = new();

    /// <inheritdoc/>
    public override void Sum(in View x, in Destination y)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Sum(x, y);
        bool done = !WidenedVerbs.Are(x, y.View)
            && (x.DType == DType.Float64 ? TrySum<double>(x, y) : TrySum<float>(x, y));
        if (!done) base.Sum(x, y);
    }

    /// <inheritdoc/>
    public override bool IsFinite(in View x)
    {
        using VerbGate.Pass pass = Enter();
        return x.DType switch
        {
            DType.Float64 => IsFinite(x, double.MaxValue),
            DType.BFloat16 => base.IsFinite(x),
            _ => IsFinite(x, float.MaxValue),
        };
    }

    /// <inheritdoc/>
    public override double SquaredNorm(in View x)
    {
        using VerbGate.Pass pass = Enter();
        return x.DType switch
        {
            DType.Float64 => Total<double>(x, squares: true),
            DType.BFloat16 => base.SquaredNorm(x),
            _ => Total<float>(x, squares: true),
        };
    }

    private unsafe bool IsFinite<T>(in View x, T largest)
        where T : unmanaged
    {
        int finite = 1;
        Share(x.Shape.ElementCount, Grain, x.Bytes, new FiniteRange<T>(Dense<T>(x), largest, &finite));
        return finite != 0;
    }

    /// <summary>Sums over neighbouring axes of a dense tensor: x:[O,R,I] with R summed away.</summary>
    private unsafe bool TrySum<T>(in View x, in Destination y)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!x.IsDense || x.Shape.ElementCount == 0) return false;
        if (!Split(x.Shape, y.View.Shape, out int outer, out int summed, out int inner)) return false;
        T* from = x.Pointer<T>(), to = Dense<T>(y.View);
        if (inner == 1 && outer == 1)
        {
            T sum = T.CreateTruncating(Total<T>(x, squares: false));
            *to = y.Accumulates ? *to + sum : sum;
        }
        else if (inner == 1)
        {
            Share(outer, 16, x.Bytes, new SumRows<T>(from, to, summed, y.Accumulates));
        }
        else if (outer == 1)
        {
            SumColumns<Element, T> columns = new(from, from, null, null, summed, inner, to, y.Accumulates);
            Share(inner, 64, x.Bytes, columns);
        }
        else
        {
            Share(outer, 1, x.Bytes, new SumMiddle<T>(from, summed, inner, to, y.Accumulates));
        }

        return true;
    }

    /// <summary>The lengths of x before, within and after the axes that y lacks; false when those are not neighbours.</summary>
    private static bool Split(in Shape x, in Shape y, out int outer, out int summed, out int inner)
    {
        (outer, summed, inner) = (1, 1, 1);
        int lacking = x.Rank - y.Rank;
        for (int axis = 0; axis < x.Rank; axis++)
        {
            if (x[axis] == 1) continue;
            bool sums = axis < lacking || y[axis - lacking] == 1;
            if (sums && inner > 1) return false;
            if (sums) summed *= x[axis];
            else if (summed > 1) inner *= x[axis];
            else outer *= x[axis];
        }

        if (summed == 1) (outer, inner) = (1, outer);
        return true;
    }

    private unsafe double Total<T>(in View x, bool squares)
        where T : unmanaged
    {
        int count = x.Shape.ElementCount, blocks = (count + Partials<T>.Block - 1) / Partials<T>.Block;
        double* sums = _scratch.Get<double>(SlotPartials, blocks + 1);
        Share(blocks, 1, x.Bytes, new Partials<T>(Dense<T>(x), count, squares, sums));
        double total = 0;
        for (int block = 0; block < blocks; block++) total += sums[block];
        return total;
    }
}
