namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>A graph of random operations over 3×3 values: shared values, tied and reworked weights, views, nodes of several
/// outputs. The same seed records the same graph; a smaller size records a prefix of it,
/// so that the smallest size that fails is the shortest report.</summary>
internal sealed class RandomGraph : IDisposable
{
    private static readonly Shape Square = [3, 3];
    private readonly RandomStream _random;
    private readonly List<Value> _data = [], _weights = [];
    private int _drawn;

    public RandomGraph(
        IBackend backend, IReadOnlyList<Parameter> parameters, ulong seed, int size, int microbatch = 0, bool poison = false)
    {
        _random = RandomStream.Named("graph", seed);
        RandomStream numbers = RandomStream.Named($"data {microbatch}", seed);
        Graph = new Graph(backend) { PoisonFreed = poison, Random = new RandomState(seed, Microbatch: microbatch) };
        for (int i = 0; i < 2; i++)
            _data.Add(Graph.Input<double>(
                [.. Enumerable.Range(9 * i, 9).Select(k => numbers.Normal(k))], Square, differentiable: i == 0, $"x{i}"));
        Ids = Graph.Input<int>([.. Enumerable.Range(0, 3).Select(k => (k * k + microbatch) % 3)], [3], name: "ids");
        foreach (Parameter parameter in parameters) _weights.Add(Graph.Parameter(parameter));
        for (int i = 0; i < size; i++) Grow();
        Outputs = [_data[^1].Mean(), _data[^2].Tanh()];
    }

    public Graph Graph { get; }

    public Value[] Outputs { get; }

    private Value Ids { get; }

    public static Parameter[] Parameters(IBackend backend, ulong seed) => [.. Enumerable.Range(0, 3).Select(i =>
    {
        RandomStream random = RandomStream.Named($"parameter {i}", seed);
        return Parameter.From<double>(backend, [.. Enumerable.Range(0, 9).Select(k => random.Normal(k))], Square, $"w{i}");
    })];

    /// <summary>Runs F and seeds those outputs that something trainable leads to.</summary>
    public void Forward()
    {
        Graph.Forward(Outputs);
        foreach (Value output in Outputs)
            if (output.Node.RequiresGradient) Graph.Seed(output, 0.7);
    }

    public override string ToString() => string.Join("\n", Graph.Nodes.Select(n =>
        $"{n.Index}: {n}("
        + $"{string.Join(", ", n.Operands.Select(o => $"{o.Node.Index}{(o.OutputIndex > 0 ? $"#{o.OutputIndex}" : "")}"))})"));

    public void Dispose() => Graph.Dispose();

    private void Grow()
    {
        Value a = Pick(_data), b = Pick(_data), w = Pick(_weights);
        switch (Draw(16))
        {
            case 0: Add(a + b); break;
            case 1: Add(a * b); break;
            case 2: Add(a.Tanh()); break;
            case 3: Add(a.Linear(w)); break;
            case 4: Add(a.MatMul(b, transposeB: true).Tanh()); break;
            case 5: Add(a.Reshape(9).Reshape(3, 3)); break;
            case 6: Add(a.Reshape(9).Scale(0.5).Reshape(3, 3) - b); break;
            case 7:
                Value[] parts = a.Split(Draw(2), 1, 2);
                int axis = parts[0].Shape[0] == 1 ? 0 : 1;
                Add(Draw(2) == 0 ? Value.Concat(axis, parts[1], parts[0]) : Value.Concat(axis, parts[1], b.Slice(axis, 0, 1)));
                break;
            case 8: Add(w.Embedding(Ids) * a); break;
            case 9: Add(a.LayerNorm(w.Slice(0, 0, 1).Reshape(3), w.Slice(0, 1, 1).Reshape(3))); break;
            case 10: Add(a.Detach() * b); break;
            case 11: Add(a.Dropout(0.3, (ulong)_drawn)); break;
            case 12: _weights.Add((w * Graph.Constant<double>([1, 0, 1, 1, 1, 0, 1, 1, 1], Square, "mask")).Tanh()); break;
            case 13: _weights.Add(w.Transpose() + Pick(_weights)); break;
            case 14: Add((a + w).Softmax()); break;
            default: Add(Value.Where(Graph.Constant<byte>([1, 0, 1], [3], "choice"), a, w)); break;
        }
    }

    private void Add(Value value) => _data.Add(value);

    private Value Pick(List<Value> values) => values[Draw(values.Count)];

    private int Draw(int count) => Math.Min(count - 1, (int)(_random.UniformDouble(_drawn++) * count));
}
