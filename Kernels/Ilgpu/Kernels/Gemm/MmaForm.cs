namespace AutogradCore.Kernels.Ilgpu;

/// <summary>How a factor lies in global and so in shared memory, known when the kernel is compiled.</summary>
internal interface IMmaForm
{
    /// <summary>Whether neighbours along K are neighbours in memory; otherwise those along M or N are.</summary>
    static abstract bool IsAlongDepth { get; }
}

/// <summary>A as it is, or B transposed: [outer][depth].</summary>
internal readonly struct AlongDepth : IMmaForm
{
    public static bool IsAlongDepth => true;
}

/// <summary>A transposed, or B as it is: [depth][outer].</summary>
internal readonly struct AlongOuter : IMmaForm
{
    public static bool IsAlongDepth => false;
}
