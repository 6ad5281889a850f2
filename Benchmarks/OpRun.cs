namespace AutogradCore.Benchmarks;

/// <summary>An op recorded once and run forward and backward again and again.</summary>
internal sealed class OpRun : IDisposable
{
    private readonly List<Tensor> _tensors = [];
    private readonly Graph _graph;
    private readonly Value _y;

    /// <summary>Records an op on seeded normals.</summary>
    public OpRun(IBackend backend, Shape shape, Func<Value[], Value> op, int operands)
    {
        _graph = new Graph(backend);
        Value[] x =
        [
            .. Enumerable.Range(0, operands)
                .Select(i => _graph.Input(Normal(backend, shape, $"x{i}"), differentiable: true)),
        ];
        _y = op(x);
        if (_y.Shape.Rank > 0) Normal(backend, shape, "dy");
    }

    /// <summary>Forward and backward, to the end.</summary>
    public void Run()
    {
        _graph.Forward(_y);
        if (_y.Shape.Rank == 0) _graph.Seed(_y);
        else _graph.Seed(_y, _tensors[^1].View);
        _graph.Backward();
        _graph.Backend.Synchronize();
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        _graph.Dispose();
        foreach (Tensor tensor in _tensors) tensor.Dispose();
    }

    private Tensor Normal(IBackend backend, Shape shape, string name)
    {
        float[] values = new float[shape.ElementCount];
        RandomStream.Named(name, 1).FillNormal(values);
        Tensor tensor = Tensor.From<float>(backend, values, shape);
        _tensors.Add(tensor);
        return tensor;
    }
}
