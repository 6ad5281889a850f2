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

    /// <summary>The elements of a dense view as doubles.</summary>
    public double[] Doubles(in View view)
    {
        double[] values = new double[view.Shape.ElementCount];
        if (view.DType == DType.Float64)
        {
            Graph.Backend.Download<double>(view, values);
            return values;
        }
        float[] floats = new float[values.Length];
        Graph.Backend.Download<float>(view, floats);
        return Array.ConvertAll(floats, x => (double)x);
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
