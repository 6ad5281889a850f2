namespace AutogradCore.Pipeline;

/// <summary>A contiguous part of a model, on a backend of its own: its layers, their optimizer, and one graph per microbatch in
/// flight.</summary>
public sealed class PipelineStage : IDisposable
{
    private readonly List<StageGraph> _graphs = [];

    internal PipelineStage(int index, IReadOnlyList<Module> layers, IBackend backend, Func<Value, Value, Value>? loss,
        Func<IReadOnlyList<Parameter>, Optim.Optimizer> optimizer)
    {
        (Index, Layers, Backend, Loss) = (index, layers, backend, loss);
        Modules = [.. layers.SelectMany(l => l.Modules()).Distinct()];
        Parameters = [.. layers.SelectMany(l => l.Parameters()).Distinct()];
        Optimizer = optimizer(Parameters);
    }

    /// <summary>The stage's number, from 0.</summary>
    public int Index { get; }

    /// <summary>The layers, in order.</summary>
    public IReadOnlyList<Module> Layers { get; }

    /// <summary>Where the stage computes; its share of the cores is the backend's.</summary>
    public IBackend Backend { get; }

    /// <summary>The parameters of the layers, in order.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Updates the stage's parameters.</summary>
    public Optim.Optimizer Optimizer { get; }

    /// <summary>Output and targets to a scalar, on the last stage; null elsewhere.</summary>
    internal Func<Value, Value, Value>? Loss { get; }

    /// <summary>The layers and all below them, each of which may be training or not.</summary>
    internal IReadOnlyList<Module> Modules { get; }

    internal bool IsLast => Loss is not null;

    internal bool DetectAnomaly { get; set; }

    internal StageGraph this[int microbatch]
    {
        get
        {
            while (_graphs.Count <= microbatch) _graphs.Add(new StageGraph(this, _graphs.Count));
            return _graphs[microbatch];
        }
    }

    /// <summary>Frees what the graphs hold of a step that failed.</summary>
    internal void Abandon()
    {
        foreach (StageGraph graph in _graphs) graph.Abandon();
    }

    /// <summary>Frees graphs and optimizer state. Layers and backend belong to whoever made them.</summary>
    public void Dispose()
    {
        foreach (StageGraph graph in _graphs) graph.Dispose();
        Optimizer.Dispose();
    }
}
