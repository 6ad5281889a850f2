namespace AutogradCore.Pipeline;

/// <summary>One stage's part in weights that several layers use, in a run without flushes: each batch's gradients go to the owner
/// before its update, the values that this makes come back.</summary>
/// <remarks>
/// With two versions all stages run a batch on the same one, so a shared weight is one weight. Its gradients are added when the
/// owner's stage is through the batch, in the order of the layers, after those of all microbatches: the bits of one device with a
/// copy for each use. That wait is in no circle, since a later stage is through its I, and so through its W, before an earlier
/// one. An owner's values leave right after its update, and F of the batches that need them comes to the owner's stage first.
/// </remarks>
internal sealed class StageShares
{
    private readonly PipelineStage _stage;
    private readonly SharedUse[] _lent, _apart;
    private readonly Received?[] _values;

    /// <summary>The part of <paramref name="stage"/>; nothing where no layer shares anything.</summary>
    public StageShares(PipelineStage stage, IReadOnlyList<SharedUse> uses)
    {
        _stage = stage;
        _lent = [.. uses.Where(u => u.Home == stage.Index)];
        _apart = [.. uses.Where(u => u.Stage == stage.Index && u.Home != u.Stage)];
        _values = new Received?[_apart.Length];
    }

    /// <summary>The replicas of other stages' parameters here, which have values of their own.</summary>
    public IEnumerable<Parameter> Replicas => _apart.Select(u => u.Replica);

    /// <summary>The replicas of this stage's parameters here, which show the same memory.</summary>
    public IEnumerable<(Parameter Replica, Parameter Owner)> Followers =>
        _lent.Where(u => u.Stage == u.Home).Select(u => (u.Replica, u.Owner));

    /// <summary>Sends the values of this stage's parameters, in all versions, to other stages' replicas.</summary>
    public void SendVersions(WeightVersions versions, ITransport transport)
    {
        foreach (SharedUse use in _lent)
            for (int back = 0; use.Stage != use.Home && back < versions.Count; back++)
                transport.Send(use.Values(back), versions[versions.Newest - back][IndexOf(versions, use.Owner)].View,
                    _stage.Backend);
    }

    /// <summary>Takes them for this stage's replicas, before a run: whatever was done to parameters or versions shows.</summary>
    public void ReceiveVersions(WeightVersions versions, ITransport transport, CancellationToken cancellation)
    {
        foreach (SharedUse use in _apart)
            for (int back = 0; back < versions.Count; back++)
            {
                using Received values = Receive(use.Values(back), transport, cancellation);
                versions[versions.Newest - back][IndexOf(versions, use.Replica)].CopyFrom(values.View);
            }
    }

    /// <summary>Sends the replicas' gradients of a batch, or word that there are none, to the owners' stages.</summary>
    public void SendGradients(int batch, ITransport transport)
    {
        foreach (SharedUse use in _apart)
        {
            if (use.Replica.HasGradient) transport.Send(use.Gradient(batch), use.Replica.Gradient.View, _stage.Backend);
            else NoGradient.Send(transport, use.Gradient(batch), _stage.Backend);
            use.Replica.ZeroGradient();
        }
    }

    /// <summary>Adds the gradients of all replicas of this stage's parameters, in the order of the layers; waits for those of
    /// other stages.</summary>
    public void SumGradients(int batch, ITransport transport, CancellationToken cancellation)
    {
        foreach (SharedUse use in _lent)
        {
            if (use.Stage == use.Home)
            {
                if (use.Replica.HasGradient) use.Owner.AccumulateGradient(use.Replica.Gradient.View);
                use.Replica.ZeroGradient();
                continue;
            }
            using Received gradient = Receive(use.Gradient(batch), transport, cancellation);
            if (!NoGradient.Is(gradient.View)) use.Owner.AccumulateGradient(gradient.View);
        }
    }

    /// <summary>Sends what the update of a batch has made.</summary>
    public void SendValues(int batch, ITransport transport)
    {
        foreach (SharedUse use in _lent)
            if (use.Stage != use.Home && use.Replica.Trainable)
                transport.Send(use.Values(batch), use.Owner.Data.View, _stage.Backend);
    }

    /// <summary>Whether all that the update of a batch needs has come.</summary>
    public bool HaveArrived(int batch, ITransport transport)
    {
        while (NextValues() is var i and >= 0)
        {
            transport.Post(_apart[i].Values(batch), _stage.Backend);
            if (!transport.TryReceive(_apart[i].Values(batch), out Received values)) return false;
            _values[i] = values;
        }
        return true;
    }

    /// <summary>Waits for it.</summary>
    public void AwaitValues(int batch, ITransport transport, CancellationToken cancellation)
    {
        while (NextValues() is var i and >= 0) _values[i] = Receive(_apart[i].Values(batch), transport, cancellation);
    }

    /// <summary>Overwrites the replicas' newest version with it.</summary>
    public void TakeValues()
    {
        for (int i = 0; i < _values.Length; i++)
            if (_values[i] is { } values) _apart[i].Replica.Data.CopyFrom(values.View);
        Clear();
    }

    /// <summary>Replicas follow their owners in whether they are trained, and have no gradients.</summary>
    public void Begin()
    {
        foreach (SharedUse use in _lent) use.Replica.Trainable = use.Owner.Trainable;
        foreach (Parameter replica in Replicas.Concat(Followers.Select(f => f.Replica))) replica.ZeroGradient();
    }

    /// <summary>Forgets what has come and gradients that nobody will ask for.</summary>
    public void End()
    {
        Clear();
        foreach (Parameter replica in Replicas.Concat(Followers.Select(f => f.Replica))) replica.ZeroGradient();
    }

    /// <summary>The first replica whose values have not come; -1 for none. Frozen ones get no new values.</summary>
    private int NextValues()
    {
        for (int i = 0; i < _apart.Length; i++)
            if (_values[i] is null && _apart[i].Replica.Trainable) return i;
        return -1;
    }

    private Received Receive(Message message, ITransport transport, CancellationToken cancellation)
    {
        transport.Post(message, _stage.Backend);
        return transport.Receive(message, cancellation);
    }

    private void Clear()
    {
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i]?.Dispose();
            _values[i] = null;
        }
    }

    private static int IndexOf(WeightVersions versions, Parameter parameter)
    {
        for (int i = 0; i < versions.Parameters.Count; i++)
            if (versions.Parameters[i] == parameter) return i;
        throw new ModelException($"Parameter '{parameter.Name}' has no versions here.");
    }
}
