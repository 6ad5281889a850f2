namespace AutogradCore.Kernels.Ilgpu;

/// <summary>One factor of a product: rows of A or columns of B ("outer") by K ("depth"), however they lie in memory.</summary>
internal struct GemmFactor<TStored> where TStored : unmanaged
{
    public ArrayView<TStored> X;

    /// <summary>Elements from one row of A (or column of B) to the next, and from one step along K to the next.</summary>
    public int OuterStride, DepthStride;

    /// <summary>Which of the two strides is 1: a <see cref="GemmForm"/>.</summary>
    public int Form;

    /// <summary>1 where every run of four that starts at a multiple of four may be read as one <see cref="Quad{T}"/>; of
    /// eight, 16 bytes too, where numbers are BFloat16.</summary>
    public int IsAligned;
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
internal struct GemmFactors<TStored> where TStored : unmanaged
{
    public GemmFactor<TStored> A, B;
    public int K;
}
