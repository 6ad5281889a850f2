using AutogradCore.Nn;

namespace AutogradCore.Tests.Engine.Graphs;

/// <summary>A transformer of two small blocks on the reference backend, its recordings,
/// and batches that follow from a number.</summary>
internal sealed class TinyGpt : IDisposable
{
    public const int Vocabulary = 11, Context = 5, Batch = 2;

    public TinyGpt(double dropout = 0, DType dtype = DType.Float32)
    {
        Model = new Gpt(new GptConfig(Vocabulary, Context, Layers: 2, Heads: 2, Features: 8, dropout));
        Model.Initialize(Backend, seed: 3, dtype);
        Parameters = Model.Parameters();
    }

    public ReferenceBackend Backend { get; } = new();

    public Gpt Model { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    public Recording Record(bool poison = false)
    {
        Graph graph = new(Backend) { PoisonFreed = poison, Random = new RandomState(0, 0, 0) };
        Value ids = graph.Placeholder([Batch, Context], DType.Int32, name: "ids");
        Value targets = graph.Placeholder([Batch, Context], DType.Int32, name: "targets");
        return new Recording(graph, ids, targets, Model.Forward(ids).CrossEntropy(targets));
    }

    public void ZeroGradient()
    {
        foreach (Parameter parameter in Parameters) parameter.ZeroGradient();
    }

    public long GradientBytes => Parameters.Sum(p => p.HasGradient ? p.Gradient.View.Bytes : 0);

    public void Dispose()
    {
        Model.Dispose();
        Backend.Dispose();
    }
}

/// <summary>One recording of a <see cref="TinyGpt"/>.</summary>
internal sealed record Recording(Graph Graph, Value Ids, Value Targets, Value Loss) : IDisposable
{
    private readonly int[] _tokens = new int[TinyGpt.Batch * TinyGpt.Context];

    /// <summary>Feeds batch <paramref name="number"/> and runs F.</summary>
    public void Forward(int number = 0)
    {
        Fill(number);
        Graph.Feed<int>(Ids, _tokens);
        Fill(number + 1);
        Graph.Feed<int>(Targets, _tokens);
        Graph.Forward(Loss);
    }

    public void Dispose() => Graph.Dispose();

    private void Fill(int number)
    {
        for (int i = 0; i < _tokens.Length; i++) _tokens[i] = (7 * i + 3 * number + i * i) % TinyGpt.Vocabulary;
    }
}
