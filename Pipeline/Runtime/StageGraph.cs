namespace AutogradCore.Pipeline;

/// <summary>One stage's computation for one microbatch: the graph with its input, output and loss; recorded anew only when a
/// shape or a layer's training mode changes.</summary>
internal sealed class StageGraph(PipelineStage stage, int microbatch) : IDisposable
{
    private readonly Graph _graph = new(stage.Backend);
    private readonly bool[] _training = new bool[stage.Modules.Count];
    private Value _input, _output, _target;
    private bool _recorded;
    private bool? _reachesInput;

    /// <summary>The graph, for the weights of several microbatches at once.</summary>
    public Graph Graph => _graph;

    /// <summary>The stage's result: the activation for the next stage, or the scalar loss.</summary>
    public Value Output => _output;

    /// <summary>F of the first stage.</summary>
    public void Forward(IMicrobatches data, RandomState random)
    {
        Record(data.InputShape(microbatch), data.InputDType, data);
        data.FeedInput(microbatch, _input);
        Run(data, random);
    }

    /// <summary>F of a later stage, on what the stage before sent.</summary>
    public void Forward(in View activation, IMicrobatches data, RandomState random)
    {
        Record(activation.Shape, activation.DType, data);
        _graph.Feed(_input, activation);
        Run(data, random);
    }

    /// <summary>Gives up the output once it has been sent or read.</summary>
    public void ReleaseOutput() => _graph.Release(_output);

    /// <summary>I, or B, of the last stage, from the loss times its share of the mean; nothing where no gradient is
    /// required.</summary>
    public void Backward(double share, bool weights)
    {
        if (!_output.Node.RequiresGradient) return;
        _graph.Seed(_output, share);
        Backward(weights);
    }

    /// <summary>I, or B, of an earlier stage, from the gradient that the next stage sent; nothing where none is required or none
    /// came.</summary>
    public void Backward(in View gradient, bool weights)
    {
        if (!_output.Node.RequiresGradient) return;
        if (NoGradient.Is(gradient))
        {
            Abandon();
            return;
        }
        _graph.Seed(_output, gradient);
        Backward(weights);
    }

    /// <summary>Whether I has left weight rules to W: not where the stage is frozen, or no gradient came.</summary>
    public bool OwesWeights => _graph.Phase == GraphPhase.InputsDone;

    /// <summary>Whether I brought a gradient to the input, for the stage before.</summary>
    public bool HasInputGradient =>
        _graph.Phase is GraphPhase.InputsDone or GraphPhase.WeightsDone && (_reachesInput ??= ReachesInput());

    /// <summary>The gradient of the input, for the stage before.</summary>
    public View InputGradient => _input.Gradient;

    /// <summary>Gives up the input gradient once it has been sent.</summary>
    public void ReleaseInputGradient() => _graph.ReleaseGradient(_input);

    /// <summary>Frees what a step that nobody will finish holds; also the values that a failed recording has made.</summary>
    public void Abandon()
    {
        if (_recorded) _graph.Abandon();
        else _graph.Clear();
    }

    public void Dispose() => _graph.Dispose();

    private void Backward(bool weights)
    {
        if (weights) _graph.Backward();
        else _graph.BackwardInputs();
    }

    private void Run(IMicrobatches data, RandomState random)
    {
        if (stage.IsLast) data.FeedTarget(microbatch, _target);
        _graph.Random = random;
        _graph.Forward(_output);
    }

    /// <summary>Records the stage unless the present recording fits. A recording that fails leaves none.</summary>
    private void Record(in Shape shape, DType dtype, IMicrobatches data)
    {
        if (Fits(shape, dtype, data)) return;
        _recorded = false;
        _graph.Clear();
        _graph.DetectAnomaly = stage.DetectAnomaly;
        for (int i = 0; i < _training.Length; i++) _training[i] = stage.Modules[i].IsTraining;
        Value input = _graph.Placeholder(shape, dtype, differentiable: stage.Index > 0, $"stage {stage.Index} input");
        Value output = input, target = default;
        foreach (Module layer in stage.Layers) output = layer.Forward(output);
        if (stage.IsLast)
        {
            target = _graph.Placeholder(data.TargetShape(microbatch), data.TargetDType, name: "target");
            output = stage.Loss!(output, target);
        }
        (_input, _output, _target, _reachesInput, _recorded) = (input, output, target, null, true);
    }

    private bool Fits(in Shape shape, DType dtype, IMicrobatches data)
    {
        if (!_recorded || _input.Shape != shape || _input.DType != dtype) return false;
        if (stage.IsLast && (_target.Shape != data.TargetShape(microbatch) || _target.DType != data.TargetDType)) return false;
        for (int i = 0; i < _training.Length; i++)
            if (_training[i] != stage.Modules[i].IsTraining) return false;
        return true;
    }

    /// <summary>Whether input rules lead from the output to the input: a Detach on the way cuts them. A property of the
    /// recording, since the input is differentiable whatever is frozen.</summary>
    private bool ReachesInput()
    {
        int first = _input.Node.Index, last = _output.Node.Index;
        bool[] reached = new bool[last + 1];
        reached[last] = true;
        for (int i = last; i > first; i--)
        {
            Node node = _graph.Nodes[i];
            for (int o = 0; reached[i] && o < node.Operands.Count; o++)
                if ((node.InputRules >> o & 1) != 0) reached[node.Operands[o].Node.Index] = true;
        }
        return reached[first];
    }
}
