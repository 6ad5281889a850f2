namespace AutogradCore.Checking;

/// <summary>How far one backend's result is from the reference's.</summary>
/// <param name="Sample">The op, with its variant.</param>
/// <param name="DType">The element type of its floating operands.</param>
/// <param name="Error">The largest |difference| over all results and gradients, each relative to the largest element of its
/// tensor or to 1, in unit roundoffs of <paramref name="DType"/>; infinite where one is NaN and the other is not.</param>
/// <param name="At">The tensor where it is largest: <c>y</c>, or <c>dx</c> of an operand's name.</param>
/// <param name="Allowed">What is allowed.</param>
public sealed record BackendCheckResult(string Sample, DType DType, double Error, string At, double Allowed)
{
    /// <summary>Whether the error is within what is allowed.</summary>
    public bool Passed => Error <= Allowed;
}

/// <summary>Compares a backend with <see cref="ReferenceBackend"/>, op by op: results and all gradients, in float and double.
/// For whoever writes a backend.</summary>
public static class BackendCheck
{
    /// <summary>Unit roundoffs that a result may differ by: sums of up to some hundred terms, and functions right to a few
    /// roundoffs.</summary>
    public const double Allowed = 512;

    /// <summary>Runs samples on both backends.</summary>
    /// <param name="candidate">The backend to check.</param>
    /// <param name="samples">What to run; null for every op's samples.</param>
    public static IEnumerable<BackendCheckResult> Run(IBackend candidate, IEnumerable<OpSample>? samples = null)
    {
        using ReferenceBackend reference = new();
        foreach (OpSample sample in samples ?? OpCatalog.Samples)
            foreach (DType dtype in new[] { DType.Float32, DType.Float64 })
                yield return Compare(sample, dtype, reference, candidate);
    }

    private static BackendCheckResult Compare(OpSample sample, DType dtype, IBackend reference, IBackend candidate)
    {
        IReadOnlyList<(string Name, double[] Values)> expected = Evaluate(sample, dtype, reference),
            found = Evaluate(sample, dtype, candidate);
        double unit = Math.ScaleB(1, dtype == DType.Float32 ? -24 : -53);
        (double worst, string at) = (0, "y");
        foreach (((string name, double[] e), (_, double[] f)) in expected.Zip(found))
        {
            double scale = Math.Max(1, e.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max());
            for (int i = 0; i < e.Length; i++)
            {
                double error = e[i].Equals(f[i]) ? 0 : Math.Abs(e[i] - f[i]) / scale / unit;
                if (double.IsNaN(error)) error = double.PositiveInfinity;
                if (error > worst) (worst, at) = (error, name);
            }
        }
        return new BackendCheckResult(sample.Name, dtype, worst, at, Allowed);
    }

    /// <summary>The results, then the gradients, of a sample whose floating operands have one element type.</summary>
    private static List<(string Name, double[] Values)> Evaluate(OpSample sample, DType dtype, IBackend backend)
    {
        using Graph graph = new(backend) { Random = new RandomState(1, 0, 0) };
        Parameter?[] parameters = new Parameter?[sample.Operands.Length];
        List<(string, double[])> tensors = [];
        try
        {
            Value[] operands = [.. sample.Operands.Select((o, i) => Place(graph, o, dtype, ref parameters[i]))];
            Value[] results = [.. sample.Apply(operands)];
            graph.Forward(results);
            foreach (Value y in results) tensors.Add(("y", Read(backend, y.View)));
            Value[] seeded = [.. results.Where(y => y.DType.IsFloating() && y.Node.RequiresGradient)];
            foreach (Value y in seeded) graph.Seed(y, 1);
            if (seeded.Length > 0) graph.Backward();
            foreach (Parameter? p in parameters)
                if (p is { HasGradient: true }) tensors.Add(($"d{p.Name}", Read(backend, p.Gradient.View)));
            return tensors;
        }
        finally
        {
            foreach (Parameter? p in parameters) p?.Dispose();
        }
    }

    /// <summary>Floating operands as parameters, so that both traversals run; others as data.</summary>
    private static Value Place(Graph graph, CheckOperand o, DType dtype, ref Parameter? parameter)
    {
        if (o.DType == DType.Int32) return graph.Input<int>([.. o.Values.Select(v => (int)v)], o.Shape, name: o.Name);
        if (o.DType == DType.Bool) return graph.Input<byte>([.. o.Values.Select(v => (byte)v)], o.Shape, name: o.Name);
        parameter = dtype == DType.Float64
            ? Parameter.From<double>(graph.Backend, o.Values.ToArray(), o.Shape, o.Name)
            : Parameter.From<float>(graph.Backend, [.. o.Values.Select(v => (float)v)], o.Shape, o.Name);
        return graph.Parameter(parameter);
    }

    private static double[] Read(IBackend backend, in View view)
    {
        switch (view.DType)
        {
            case DType.Float64: return Download<double>(backend, view);
            case DType.Float32: return Array.ConvertAll(Download<float>(backend, view), x => (double)x);
            case DType.Int32: return Array.ConvertAll(Download<int>(backend, view), x => (double)x);
            default: return Array.ConvertAll(Download<byte>(backend, view), x => (double)x);
        }
    }

    private static T[] Download<T>(IBackend backend, in View view) where T : unmanaged
    {
        T[] values = new T[view.Shape.ElementCount];
        backend.Download<T>(view, values);
        return values;
    }
}
