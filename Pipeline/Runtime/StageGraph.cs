namespace AutogradCore.Pipeline;

/// <summary>One stage's computation for one microbatch: the graph with its input, output and loss; recorded anew only when a shape changes.</summary>
internal sealed class StageGraph(PipelineStage stage, int microbatch) : IDisposable
{
    private readonly Graph _graph = new(stage.Backend);
    private Value _input, _output, _target;
    private bool _recorded;

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

    /// <summary>I of the last stage, from the loss times its share of the mean.</summary>
    public void BackwardInputs(double share)
    {
        _graph.Seed(_output, share);
        _graph.BackwardInputs();
    }

    /// <summary>I of an earlier stage, from the gradient that the next stage sent.</summary>
    public void BackwardInputs(in View gradient)
    {
        _graph.Seed(_output, gradient);
        _graph.BackwardInputs();
    }

    /// <summary>The gradient of the input, for the stage before.</summary>
    public View InputGradient => _input.Gradient;

    /// <summary>Gives up the input gradient once it has been sent.</summary>
    public void ReleaseInputGradient() => _graph.ReleaseGradient(_input);

    public void Dispose() => _graph.Dispose();

    private void Run(IMicrobatches data, RandomState random)
    {
        if (stage.IsLast) data.FeedTarget(microbatch, _target);
        _graph.Random = random;
        _graph.Forward(_output);
    }

    private void Record(in Shape shape, DType dtype, IMicrobatches data)
    {
        bool fits = _recorded && _input.Shape == shape && _input.DType == dtype
            && (!stage.IsLast || (_target.Shape == data.TargetShape(microbatch) && _target.DType == data.TargetDType));
        if (fits) return;
        _graph.Clear();
        _graph.DetectAnomaly = stage.DetectAnomaly;
        _input = _graph.Placeholder(shape, dtype, differentiable: stage.Index > 0, $"stage {stage.Index} input");
        _output = _input;
        foreach (Module layer in stage.Layers) _output = layer.Forward(_output);
        if (stage.IsLast)
        {
            _target = _graph.Placeholder(data.TargetShape(microbatch), data.TargetDType, name: "target");
            _output = stage.Loss!(_output, _target);
        }
        _recorded = true;
    }
}
