using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>How kernels read a factor whose numbers are stored as they are.</summary>
internal static class FloatFactor
{
    /// <summary>The element, or zero outside the matrix.</summary>
    public static T One<T>(this GemmFactor<T> f, int at, int outer, int outerEnd, int depth, int depthEnd)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        outer < outerEnd && depth < depthEnd ? f.X[at + outer * f.OuterStride + depth * f.DepthStride] : T.Zero;

    /// <summary>Four elements that follow each other along the depth (<see cref="GemmForm.AlongDepth"/>) or else along the outer
    /// axis, zero outside the matrix.</summary>
    public static Quad<T> Four<T>(this GemmFactor<T> f, int at, int outer, int outerEnd, int depth, int depthEnd)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int along = f.Form == GemmForm.AlongDepth ? depth : outer, end = f.Form == GemmForm.AlongDepth ? depthEnd : outerEnd;
        int across = f.Form == GemmForm.AlongDepth ? outer : depth, limit = f.Form == GemmForm.AlongDepth ? outerEnd : depthEnd;
        int step = f.Form == GemmForm.AlongDepth ? f.DepthStride : f.OuterStride;
        int start = at + outer * f.OuterStride + depth * f.DepthStride;
        Quad<T> four = default;
        if (across >= limit) return four;
        if (f.IsAligned != 0 && along + 4 <= end) return f.X.Cast<Quad<T>>()[start >> 2];
        if (along < end) four.X = f.X[start];
        if (along + 1 < end) four.Y = f.X[start + step];
        if (along + 2 < end) four.Z = f.X[start + 2 * step];
        if (along + 3 < end) four.W = f.X[start + 3 * step];
        return four;
    }
}
