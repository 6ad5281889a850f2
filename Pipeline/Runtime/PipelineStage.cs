namespace AutogradCore.Pipeline;

/// <summary>A contiguous part of a model, on a backend of its own: its layers, their optimizer, and one graph per microbatch in
/// flight.</summary>
public sealed class PipelineStage : IDisposable
{
    private readonly List<StageGraph> _graphs = [];
    private readonly bool[] _sendsGradient;
    private readonly Parameter[] _matrices;
    private readonly View[] _views;

    internal PipelineStage(int index, IReadOnlyList<LayerUse> uses, IReadOnlyList<Parameter> parameters, IBackend backend,
        SkipRoutes routes, PipelineOptions options, bool isLast)
    {
        (Index, Uses, Parameters, Backend) = (index, uses, parameters, backend);
        (Into, OutOf, Loss) = (routes.Into(index), routes.OutOf(index), isLast ? options.Loss : null);
        (DetectAnomaly, Recomputes) = (options.DetectAnomaly, options.Recompute?.Invoke(index) ?? false);
        Layers = [.. uses.Select(u => u.Layer)];
        Modules = [.. Layers.SelectMany(l => l.Modules()).Distinct()];
        Used = [.. Layers.SelectMany(l => l.Parameters()).Distinct()];
        _matrices = [.. Used.Where(p => p.Shape.Rank == 2 && p.Data.Backend == backend)];
        _views = new View[_matrices.Length];
        _sendsGradient = new bool[Into.Count];
        Optimizer = options.Optimizer(Parameters);
        Targets = new TargetCounter(backend, options.StepLoss);
    }

    /// <summary>The stage's number, from 0.</summary>
    public int Index { get; }

    /// <summary>The layers, in order.</summary>
    public IReadOnlyList<Module> Layers { get; }

    /// <summary>Where the stage computes; its share of the cores is the backend's.</summary>
    public IBackend Backend { get; }

    /// <summary>The parameters of the layers that no earlier stage has, in order.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Updates the stage's parameters.</summary>
    public Optim.Optimizer Optimizer { get; }

    /// <summary>Whether F keeps only what it received, and I computes the rest again with the same random numbers.</summary>
    public bool Recomputes { get; }

    /// <summary>The bytes that the ops' declarations say the stage holds for a microbatch after F and after I; known once a step
    /// has run.</summary>
    /// <param name="microbatch">The microbatch, from 0.</param>
    public StageBytes DeclaredBytes(int microbatch) => this[microbatch].DeclaredBytes;

    /// <summary>The layers in order, each with what stands in for what it shares.</summary>
    internal IReadOnlyList<LayerUse> Uses { get; }

    /// <summary>What enters the stage.</summary>
    internal IReadOnlyList<Port> Into { get; }

    /// <summary>What leaves the stage.</summary>
    internal IReadOnlyList<Port> OutOf { get; }

    /// <summary>Output and targets to a scalar, on the last stage; null elsewhere.</summary>
    internal Func<Value, Value, Value>? Loss { get; }

    /// <summary>The layers and all below them, each of which may be training or not.</summary>
    internal IReadOnlyList<Module> Modules { get; }

    /// <summary>The parameters of the layers, those of other stages included.</summary>
    internal IReadOnlyList<Parameter> Used { get; }

    internal bool IsLast => Loss is not null;

    /// <summary>What the microbatches of a step weigh; asked on the last stage.</summary>
    internal TargetCounter Targets { get; }

    internal bool DetectAnomaly { get; }

    /// <summary>Whether this stage or one before has anything to train in this step: else no gradient has to reach it.</summary>
    internal bool Trains { get; private set; }

    /// <summary>Bytes held at this moment, over all microbatches.</summary>
    internal long HeldBytes
    {
        get
        {
            long bytes = 0;
            foreach (StageGraph graph in _graphs) bytes += graph.HeldBytes;
            return bytes;
        }
    }

    internal StageGraph this[int microbatch]
    {
        get
        {
            while (_graphs.Count <= microbatch) _graphs.Add(new StageGraph(this, _graphs.Count));
            return _graphs[microbatch];
        }
    }

    /// <summary>Whether the stage at the other end of an entry waits for a gradient.</summary>
    internal bool SendsGradient(int port) => _sendsGradient[port];

    /// <summary>Before a step: forgets gradients, and looks who has anything to train.</summary>
    /// <param name="before">The stages before, begun.</param>
    internal void Begin(ReadOnlySpan<PipelineStage> before)
    {
        Optimizer.ZeroGradient();
        Trains = before.Length > 0 && before[^1].Trains;
        foreach (Parameter parameter in Used) Trains |= parameter.Trainable;
        for (int i = 0; i < _sendsGradient.Length; i++) _sendsGradient[i] = before[Into[i].Peer].Trains;
    }

    /// <summary>Promises the backend that the weights stay as they are: it may then pack them once for all
    /// microbatches.</summary>
    internal IDisposable HoldWeights()
    {
        for (int i = 0; i < _views.Length; i++) _views[i] = _matrices[i].Data.View;
        return Backend.Hold(_views);
    }

    /// <summary>Nothing may be updated before it is known that no verb has noticed an error.</summary>
    /// <exception cref="PipelineException">The backend noticed an error.</exception>
    internal void Settle(int rank)
    {
        try
        {
            Backend.Verify();
        }
        catch (AutogradException e)
        {
            throw new PipelineException($"Rank {rank} failed on stage {Index}, noticed after its last action: {e.Message}",
                $"{nameof(PipelineOptions.TimesActions)} has every action wait, so that the error names it", e);
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
        Targets.Dispose();
        Optimizer.Dispose();
    }
}
