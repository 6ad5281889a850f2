using AutogradCore.Nn;
using AutogradCore.Optim;

namespace AutogradCore.Tests.Engine;

/// <summary>A model of two layers with AdamW, split over one or two optimizers,
/// that trains on numbers made from the step.</summary>
internal sealed class CheckpointRun : IDisposable
{
    private readonly Sequential _model;
    private readonly Graph _graph;
    private readonly Value _x, _loss;

    public CheckpointRun(
        ulong seed = 7, int stages = 1, int hidden = 3, DType dtype = DType.Float32, ReferenceBackend? backend = null)
    {
        Backend = backend ?? new ReferenceBackend();
        _model = new Sequential(new Linear(2, hidden), new Linear(hidden, 2));
        _model.Initialize(Backend, seed, dtype);
        Parameters = _model.Parameters();
        Optimizers = [.. Parameters.Chunk((Parameters.Count + stages - 1) / stages)
            .Select(p => new AdamW(p, LearningRate.Cosine(0.05, 2, 10)))];
        _graph = new Graph(Backend);
        _x = _graph.Placeholder([4, 2], dtype);
        Value y = _model.Forward(_x);
        _loss = (y * y).Mean();
    }

    public ReferenceBackend Backend { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    public IReadOnlyList<Optimizer> Optimizers { get; }

    public void Steps(int count)
    {
        for (int i = 0; i < count; i++)
        {
            RandomStream numbers = RandomStream.Named("x", (ulong)Optimizers[0].StepCount);
            _graph.Feed<float>(_x, [.. Enumerable.Range(0, 8).Select(k => (float)numbers.UniformDouble(k))]);
            foreach (Optimizer optimizer in Optimizers) optimizer.ZeroGradient();
            _graph.Forward(_loss);
            _graph.Backward(_loss);
            foreach (Optimizer optimizer in Optimizers) optimizer.Step();
        }
    }

    public void Save(string path, CheckpointState state) => Checkpoint.Save(path, Parameters, Optimizers, state);

    public void Dispose()
    {
        _graph.Dispose();
        foreach (Optimizer optimizer in Optimizers) optimizer.Dispose();
        _model.Dispose();
        Backend.Dispose();
    }
}
