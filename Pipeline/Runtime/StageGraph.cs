namespace AutogradCore.Pipeline;

/// <summary>One stage's computation for one microbatch: the graph with its inputs, outputs and loss; recorded anew only when a
/// shape, a layer's training mode or the need for a gradient changes.</summary>
internal sealed class StageGraph : IDisposable
{
    private readonly PipelineStage _stage;
    private readonly int _microbatch;
    private readonly Graph _graph;
    private readonly bool[] _training, _differentiable;
    private readonly Value[] _inputs, _outputs;
    private Value _target;
    private RandomState _random;
    private bool _recorded;
    private long? _forwardedWithoutGradient;
    private double _loss;

    public StageGraph(PipelineStage stage, int microbatch)
    {
        (_stage, _microbatch, _graph) = (stage, microbatch, new Graph(stage.Backend));
        _training = new bool[stage.Modules.Count];
        _inputs = new Value[Math.Max(1, stage.Into.Count)];
        _outputs = new Value[Math.Max(1, stage.OutOf.Count)];
        _differentiable = new bool[_inputs.Length];
        Activations = new Inbox(stage.Into.Count);
        Gradients = new Inbox(stage.OutOf.Count);
    }

    /// <summary>The graph, for the weights of several microbatches at once.</summary>
    public Graph Graph => _graph;

    /// <summary>What F takes, by port.</summary>
    public Inbox Activations { get; }

    /// <summary>What I takes, by port.</summary>
    public Inbox Gradients { get; }

    /// <summary>The stage's results by port: the activation for the next stage, or the scalar loss, and those of skip
    /// connections.</summary>
    public Value Output(int port = 0) => _outputs[port];

    /// <summary>Whether I has left weight rules to W: not where the stage is frozen, or no gradient came.</summary>
    public bool OwesWeights => _graph.Phase == GraphPhase.InputsDone;

    /// <summary>Bytes held at this moment.</summary>
    public long HeldBytes => _graph.HeldBytes + Activations.Bytes + Gradients.Bytes;

    /// <summary>What the ops' declarations say is held after F and after I, of the last step.</summary>
    public StageBytes DeclaredBytes
    {
        get
        {
            if (!_recorded) return default;
            long forwarded = _forwardedWithoutGradient ?? _graph.DeclaredBytes(GraphPhase.Forwarded);
            return new(Recomputes ? ReceivedBytes : forwarded,
                _forwardedWithoutGradient is null ? _graph.DeclaredBytes(GraphPhase.InputsDone) : 0);
        }
    }

    private bool Recomputes => _stage is { Recomputes: true, Trains: true };

    private long ReceivedBytes
    {
        get
        {
            long bytes = 0;
            for (int i = 0; i < _stage.Into.Count; i++) bytes += (long)_inputs[i].Shape.ElementCount * _inputs[i].DType.Size();
            return bytes;
        }
    }

    /// <summary>F, on what stands in <see cref="Activations"/>, or on the data.</summary>
    public void Forward(IMicrobatches data, RandomState random)
    {
        (_random, _forwardedWithoutGradient) = (random, null);
        Record(data);
        Compute(data, keepsActivations: Recomputes);
    }

    /// <summary>Reads the loss, on the last stage.</summary>
    public double ReadLoss() => _loss = _outputs[0].Item();

    /// <summary>Gives up the outputs once they have been sent or read; with them everything that is computed again.</summary>
    public void ReleaseOutputs()
    {
        if (Recomputes) _graph.Abandon();
        else foreach (Value output in _outputs) _graph.Release(output);
    }

    /// <summary>I, or B, from what the loss is multiplied by in that of the step, or from what stands in <see cref="Gradients"/>;
    /// nothing where none is required or none came.</summary>
    /// <param name="data">The data.</param>
    /// <param name="share">The factor of the loss on the last stage. With 0 no gradient is required of a loss that is not
    /// finite.</param>
    /// <param name="weights">Whether it is B.</param>
    public void Backward(IMicrobatches data, double share, bool weights)
    {
        if (!_stage.Trains) return;
        if (!AnyGradient() || (_stage.IsLast && share == 0 && !double.IsFinite(_loss)))
        {
            _forwardedWithoutGradient = Recomputes ? 0 : _graph.DeclaredBytes(GraphPhase.Forwarded);
            Abandon();
            return;
        }
        if (Recomputes)
        {
            Compute(data, keepsActivations: false);
            foreach (Value output in _outputs) _graph.Release(output);
        }
        for (int i = 0; i < _outputs.Length; i++)
            if (_stage.IsLast) _graph.Seed(_outputs[i], share);
            else if (HasGradient(i)) _graph.Seed(_outputs[i], Gradients[i]);
        Gradients.Free();
        if (weights) _graph.Backward();
        else _graph.BackwardInputs();
    }

    /// <summary>Whether I brought a gradient to an input, for the stage at the other end of the port.</summary>
    public bool HasInputGradient(int port) => _inputs[port].HasGradient;

    /// <summary>The gradient of an input.</summary>
    public View InputGradient(int port) => _inputs[port].Gradient;

    /// <summary>Gives up an input gradient once it has been sent.</summary>
    public void ReleaseInputGradient(int port) => _graph.ReleaseGradient(_inputs[port]);

    /// <summary>Frees what a step that nobody will finish holds; also the values that a failed recording has made.</summary>
    public void Abandon()
    {
        Activations.Free();
        Gradients.Free();
        if (_recorded) _graph.Abandon();
        else _graph.Clear();
    }

    public void Dispose()
    {
        Activations.Free();
        Gradients.Free();
        _graph.Dispose();
    }

    private bool AnyGradient()
    {
        if (_stage.IsLast) return _outputs[0].Node.RequiresGradient;
        for (int i = 0; i < _outputs.Length; i++)
            if (HasGradient(i)) return true;
        return false;
    }

    private bool HasGradient(int port) => _outputs[port].Node.RequiresGradient && !NoGradient.Is(Gradients[port]);

    private void Compute(IMicrobatches data, bool keepsActivations)
    {
        if (_stage.Index == 0) data.FeedInput(_microbatch, _inputs[0]);
        for (int i = 0; i < _stage.Into.Count; i++) _graph.Feed(_inputs[i], Activations[i]);
        if (!keepsActivations) Activations.Free();
        if (_stage.IsLast) data.FeedTarget(_microbatch, _target);
        _graph.Random = _random;
        _graph.Forward(_outputs);
    }

    /// <summary>Records the stage unless the present recording fits. A recording that fails leaves none.</summary>
    private void Record(IMicrobatches data)
    {
        if (Fits(data)) return;
        _recorded = false;
        _graph.Clear();
        _graph.DetectAnomaly = _stage.DetectAnomaly;
        for (int i = 0; i < _training.Length; i++) _training[i] = _stage.Modules[i].IsTraining;
        for (int i = 0; i < _inputs.Length; i++)
        {
            (Shape shape, DType dtype, bool differentiable) = InputOf(i, data);
            string name = _stage.Into is { Count: > 0 } ports && ports[i].Channel > 0
                ? $"stage {_stage.Index} skip {ports[i].Channel}"
                : $"stage {_stage.Index} input";
            _inputs[i] = _graph.Placeholder(shape, dtype, differentiable, name);
            _differentiable[i] = differentiable;
            if (_stage.Into.Count > 0 && _stage.Into[i].End is { } end) _graph.Remember(end, _inputs[i]);
        }
        Value output = _inputs[0];
        foreach (LayerUse use in _stage.Uses) output = use.Record(output);
        if (_stage.IsLast)
        {
            _target = _graph.Placeholder(data.TargetShape(_microbatch), data.TargetDType, name: "target");
            output = _stage.Loss!(output, _target);
            _stage.Targets.Look(_graph, _target, data.Count);
        }
        _outputs[0] = output;
        for (int i = 1; i < _outputs.Length; i++) _outputs[i] = _graph.Recall(_stage.OutOf[i].End!)!.Value;
        _recorded = true;
    }

    private bool Fits(IMicrobatches data)
    {
        if (!_recorded) return false;
        for (int i = 0; i < _inputs.Length; i++)
            if ((_inputs[i].Shape, _inputs[i].DType, _differentiable[i]) != InputOf(i, data)) return false;
        if (_stage.IsLast
            && (_target.Shape != data.TargetShape(_microbatch) || _target.DType != data.TargetDType)) return false;
        for (int i = 0; i < _training.Length; i++)
            if (_training[i] != _stage.Modules[i].IsTraining) return false;
        return true;
    }

    private (Shape Shape, DType DType, bool Differentiable) InputOf(int port, IMicrobatches data) => _stage.Index == 0
        ? (data.InputShape(_microbatch), data.InputDType, false)
        : (Activations[port].Shape, Activations[port].DType,
            _stage.SendsGradient(port) && Activations[port].DType.IsFloating());
}
