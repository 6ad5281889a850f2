using System.Numerics;

namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One factor of a product: rows of A or columns of B ("outer") by K ("depth"), however they lie in memory.</summary>
internal struct GemmFactor<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public ArrayView<T> X;

    /// <summary>Elements from one row of A (or column of B) to the next, and from one step along K to the next.</summary>
    public int OuterStride, DepthStride;

    /// <summary>Which of the two strides is 1: a <see cref="GemmForm"/>.</summary>
    public int Form;

    /// <summary>1 where every run of four that starts at a multiple of four may be read as one <see cref="Quad{T}"/>.</summary>
    public int IsAligned;

    /// <summary>The element, or zero outside the matrix.</summary>
    public readonly T One(int at, int outer, int outerEnd, int depth, int depthEnd) =>
        outer < outerEnd && depth < depthEnd ? X[at + outer * OuterStride + depth * DepthStride] : T.Zero;

    /// <summary>Four elements that follow each other along the depth (<see cref="GemmForm.AlongDepth"/>) or else along the outer
    /// axis, zero outside the matrix.</summary>
    public readonly Quad<T> Four(int at, int outer, int outerEnd, int depth, int depthEnd)
    {
        int along = Form == GemmForm.AlongDepth ? depth : outer, end = Form == GemmForm.AlongDepth ? depthEnd : outerEnd;
        int across = Form == GemmForm.AlongDepth ? outer : depth, limit = Form == GemmForm.AlongDepth ? outerEnd : depthEnd;
        int step = Form == GemmForm.AlongDepth ? DepthStride : OuterStride;
        int start = at + outer * OuterStride + depth * DepthStride;
        Quad<T> four = default;
        if (across >= limit) return four;
        if (IsAligned != 0 && along + 4 <= end) return X.Cast<Quad<T>>()[start >> 2];
        if (along < end) four.X = X[start];
        if (along + 1 < end) four.Y = X[start + step];
        if (along + 2 < end) four.Z = X[start + 2 * step];
        if (along + 3 < end) four.W = X[start + 3 * step];
        return four;
    }
}

/// <summary>Along which axis the elements of a factor are neighbours.</summary>
internal static class GemmForm
{
    /// <summary>Along neither.</summary>
    public const int Strided = 0;

    /// <summary>Along K: A as it is, B transposed.</summary>
    public const int AlongDepth = 1;

    /// <summary>Along M or N: A transposed, B as it is.</summary>
    public const int AlongOuter = 2;
}

/// <summary>One product of a sum: A·B over K.</summary>
internal struct GemmFactors<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public GemmFactor<T> A, B;
    public int K;
}
