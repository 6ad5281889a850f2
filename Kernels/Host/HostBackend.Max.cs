using System.Numerics;
using AutogradCore.Kernels.Host;

namespace AutogradCore.Kernels;

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public override void Max(in View x, int axis, in View y, in View index)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.Max(x, axis, y, index);
        if (WidenedVerbs.Are(x, y)) base.Max(x, axis, y, index);
        else if (x.DType == DType.Float64) Max<double>(x, axis, y, index);
        else Max<float>(x, axis, y, index);
    }

    /// <inheritdoc/>
    public override void MaxGradient(in View dy, in View index, int axis, in Destination dx)
    {
        using VerbGate.Pass pass = Enter();
        VerbShapes.MaxGradient(dy, index, axis, dx);
        RequirePositions(index.Span<int>(), dx.View.Shape[axis]);
        // Where the axis has length 1, dx may be dy itself.
        if (dx.View.Shape[axis] < 2 || WidenedVerbs.Are(dy, dx.View)) base.MaxGradient(dy, index, axis, dx);
        else if (dy.DType == DType.Float64) MaxGradient<double>(dy, index, axis, dx);
        else MaxGradient<float>(dy, index, axis, dx);
    }

    private static void RequirePositions(ReadOnlySpan<int> index, int length)
    {
        int wrong = length == 0 ? -1 : index.IndexOfAnyExceptInRange(0, length - 1);
        if (wrong >= 0)
            throw new IndexRangeException(
                $"MaxGradient: index[{wrong}] is {index[wrong]}, outside 0 <= index < {length}.", "give what Max wrote");
    }

    private unsafe void Max<T>(in View x, int axis, in View y, in View index)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        (int length, int inner, int count) = (x.Shape[axis], x.Shape.Skip(axis + 1).ElementCount, y.Shape.ElementCount);
        T* from = Dense<T>(x), to = Dense<T>(y);
        int* position = Dense<int>(index);
        if (count == 0) return;
        if (inner == 1) Share(count, 1, x.Bytes, new MaxRows<T>(from, length, to, position));
        else Share(count / inner * MaxColumns<T>.Strips(inner), 1, x.Bytes, new MaxColumns<T>(from, length, inner, to, position));
    }

    private unsafe void MaxGradient<T>(in View dy, in View index, int axis, in Destination dx)
        where T : unmanaged
    {
        int inner = dx.View.Shape.Skip(axis + 1).ElementCount;
        if (!dx.Accumulates) Fill(dx.View, 0);
        Share(dy.Shape.ElementCount, Grain, 2 * dy.Bytes,
            new MaxScatter<T>(Dense<T>(dy), Dense<int>(index), dx.View.Shape[axis], inner, Dense<T>(dx.View), dx.Accumulates));
    }
}
