namespace AutogradCore.Checking;

/// <summary>One recording of a function under check, with all it owns.</summary>
internal sealed record Evaluation(Graph Graph, Value[] Operands, Parameter?[] Parameters, Tensor?[] Tensors) : IDisposable
{
    /// <summary>The floating results.</summary>
    public Value[] Outputs { get; set; } = [];

    /// <summary>Which data it runs on.</summary>
    public int Microbatch { get; init; }

    /// <summary>Whether the parameters are those of another evaluation, which frees them.</summary>
    public bool SharesParameters { get; init; }

    /// <summary>The gradients of the operands; null where there is none.</summary>
    public double[]?[] Gradients() =>
        [.. Operands.Select((o, i) => Parameters[i] is { } p
            ? p.HasGradient ? Doubles(p.Gradient.View) : null
            : o.Slot.GradientBuffer is not null ? Doubles(o.Gradient) : null)];

    /// <summary>The elements of a view as doubles.</summary>
    public static double[] Doubles(in View view)
    {
        if (view.DType == DType.Float64) return view.Span<double>().ToArray();
        double[] values = new double[view.Shape.ElementCount];
        ReadOnlySpan<float> floats = view.Span<float>();
        for (int i = 0; i < values.Length; i++) values[i] = floats[i];
        return values;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Graph.Dispose();
        if (!SharesParameters)
            foreach (Parameter? p in Parameters) p?.Dispose();
        foreach (Tensor? t in Tensors) t?.Dispose();
    }
}
