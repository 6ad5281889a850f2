namespace AutogradCore.Pipeline;

/// <summary>Parameters that several layers use, such as a tied embedding, and random keys that several draw from.</summary>
/// <remarks>
/// The first layer that uses a parameter owns it. Every later one uses a replica with a gradient of its own; when all W are done,
/// the gradients are added to the owner's in the order of the layers. So the bits do not depend on which layers share a stage,
/// nor on the order in which the stages get to their W. Values and gradients go by the transport where the backends differ.
/// </remarks>
internal sealed class SharedWeights : IDisposable
{
    private readonly List<SharedUse> _uses = [];
    private readonly Substitutes?[] _substitutes;

    /// <summary>Finds what is shared; takes no memory.</summary>
    /// <param name="layers">The layers in order.</param>
    /// <param name="stageOf">The stage of each layer.</param>
    public SharedWeights(IReadOnlyList<Module> layers, ReadOnlySpan<int> stageOf)
    {
        _substitutes = new Substitutes?[layers.Count];
        Owned = [.. Enumerable.Range(0, stageOf[^1] + 1).Select(_ => new List<Parameter>())];
        Dictionary<Parameter, int> homes = new(ReferenceEqualityComparer.Instance);
        Dictionary<ulong, int> draws = [];
        for (int l = 0; l < layers.Count; l++)
        {
            foreach (Parameter parameter in layers[l].Parameters())
                if (homes.TryAdd(parameter, stageOf[l])) Owned[stageOf[l]].Add(parameter);
                else _uses.Add(new SharedUse(parameter, homes[parameter], stageOf[l], l, Channel: _uses.Count + 1));
            foreach (ulong key in layers[l].Modules().Select(m => m.RandomKey).Distinct())
            {
                int use = draws[key] = draws.GetValueOrDefault(key) + 1;
                if (use > 1) SubstitutesOf(l).RandomKeys[key] = Graph.RandomKeyOf(key, use);
            }
        }
        foreach (SharedUse use in _uses) _ = SubstitutesOf(use.Layer);
    }

    /// <summary>The parameters that each stage owns, in the order of the layers.</summary>
    public IReadOnlyList<List<Parameter>> Owned { get; }

    /// <summary>The uses of parameters that an earlier layer owns, in the order of the layers.</summary>
    public IReadOnlyList<SharedUse> Uses => _uses;

    /// <summary>Whether any parameter has a replica.</summary>
    public bool Any => _uses.Count > 0;

    /// <summary>Whether replicas must get new values before the coming step.</summary>
    public bool AnyStale => _uses.Exists(u => u.IsStale);

    /// <summary>What is recorded in place of what a layer shares with an earlier one; null for nothing.</summary>
    public Substitutes? Of(int layer) => _substitutes[layer];

    /// <summary>Makes the replicas.</summary>
    public void Realize(IReadOnlyList<IBackend> backends)
    {
        foreach (SharedUse use in _uses)
        {
            use.Replica = use.Owner.Replica(backends[use.Stage]);
            SubstitutesOf(use.Layer).Parameters[use.Owner] = use.Replica;
        }
    }

    /// <summary>Before a step: replicas follow their owners, and have no gradients.</summary>
    public void Begin()
    {
        foreach (SharedUse use in _uses)
        {
            use.Replica.Trainable = use.Owner.Trainable;
            use.Replica.ZeroGradient();
        }
    }

    /// <summary>Sends the values of a stage's parameters to replicas that have older ones.</summary>
    public void SendValues(PipelineStage stage, ITransport transport)
    {
        foreach (SharedUse use in _uses)
            if (use.Home == stage.Index && use.IsStale) transport.Send(use.Values(), use.Owner.Data.View, stage.Backend);
    }

    /// <summary>Takes the values for a stage's replicas.</summary>
    public void ReceiveValues(PipelineStage stage, ITransport transport, CancellationToken cancellation)
    {
        foreach (SharedUse use in _uses)
        {
            if (use.Stage != stage.Index || !use.IsStale) continue;
            using Received values = transport.Receive(use.Values(), cancellation);
            use.Replica.Data.CopyFrom(values.View);
            use.Version = use.Owner.Data.Version;
        }
    }

    /// <summary>Sends the gradients of a stage's replicas to their owners' stages.</summary>
    public void SendGradients(PipelineStage stage, ITransport transport)
    {
        foreach (SharedUse use in _uses)
            if (use.Stage == stage.Index && use is { IsApart: true, Replica.HasGradient: true })
                transport.Send(use.Gradient(), use.Replica.Gradient.View, stage.Backend);
    }

    /// <summary>Whether other layers than their owner have gradients of a stage's parameters.</summary>
    public bool HasGradientsFor(PipelineStage stage) => _uses.Exists(u => u.Home == stage.Index && u.Replica.HasGradient);

    /// <summary>Adds the gradients of all replicas of a stage's parameters, in the order of the layers.</summary>
    /// <returns>The bytes that came from other ranks.</returns>
    public long SumGradients(PipelineStage stage, ITransport transport, CancellationToken cancellation)
    {
        long moved = 0;
        foreach (SharedUse use in _uses)
        {
            if (use.Home != stage.Index || !use.Replica.HasGradient) continue;
            if (!use.IsApart)
            {
                use.Owner.AccumulateGradient(use.Replica.Gradient.View);
                continue;
            }
            using Received gradient = transport.Receive(use.Gradient(), cancellation);
            use.Owner.AccumulateGradient(gradient.View);
            moved += gradient.View.Bytes;
        }
        return moved;
    }

    /// <summary>Frees the replicas.</summary>
    public void Dispose()
    {
        foreach (SharedUse use in _uses) use.Replica.Dispose();
    }

    private Substitutes SubstitutesOf(int layer) => _substitutes[layer] ??= new Substitutes();
}
