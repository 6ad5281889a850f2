namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>The bits of floating tensors, for comparisons in which 0 and -0 differ.</summary>
internal static class Bits
{
    public static long[] Of(in View view) => view.DType == DType.Float64
        ? [.. view.Span<double>().ToArray().Select(BitConverter.DoubleToInt64Bits)]
        : [.. view.Span<float>().ToArray().Select(x => (long)BitConverter.SingleToInt32Bits(x))];

    /// <summary>The gradients of parameters; empty where there is none.</summary>
    public static long[][] OfGradients(IEnumerable<Parameter> parameters) =>
        [.. parameters.Select(p => p.HasGradient ? Of(p.Gradient.View) : [])];
}
