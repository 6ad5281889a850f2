namespace AutogradCore.Pipeline;

/// <summary>Finds what the microbatches of a step weigh, from their targets and from the loss as it is recorded.</summary>
internal sealed class TargetCounter(IBackend backend, StepLoss stepLoss) : IDisposable
{
    private readonly Graph _graph = new(backend);
    private Value? _target;

    /// <summary>The target that the loss ignores; null for none.</summary>
    public int? Ignored { get; private set; }

    /// <summary>Looks at a recorded loss: which target it ignores.</summary>
    /// <param name="loss">The graph of the last stage.</param>
    /// <param name="target">Its targets.</param>
    /// <param name="microbatches">How many microbatches a step has; of one alone, nothing has to be known.</param>
    /// <exception cref="PipelineException">It takes no mean over targets, or ignores several.</exception>
    public void Look(Graph loss, Value target, int microbatches)
    {
        Ignored = null;
        if (stepLoss != StepLoss.MeanOverTargets || microbatches == 1) return;
        bool found = false;
        foreach (Node node in loss.Nodes)
        {
            if (node.Op is not CrossEntropy entropy || !Comes(node.Operands[1], from: target)) continue;
            if (entropy.Options.Reduction != Reduction.Mean)
                throw new PipelineException($"The loss sums over targets, and the loss of a step is their mean ({stepLoss}).",
                    $"reduce by Mean, or choose {nameof(StepLoss)}.{nameof(StepLoss.Sum)} or "
                    + $"{nameof(StepLoss.MeanOverMicrobatches)} in {nameof(PipelineOptions)}");
            if (found && Ignored != entropy.Options.IgnoreIndex)
                throw new PipelineException(
                    $"The loss ignores targets {Ignored} and {entropy.Options.IgnoreIndex}, so what a microbatch weighs is open.",
                    $"ignore one of them everywhere, or choose {nameof(StepLoss)}.{nameof(StepLoss.MeanOverMicrobatches)} in "
                    + nameof(PipelineOptions));
            (found, Ignored) = (true, entropy.Options.IgnoreIndex);
        }
    }

    /// <summary>What each microbatch weighs.</summary>
    /// <exception cref="PipelineException">The data give a weight that is none.</exception>
    public StepWeights Weigh(IMicrobatches data)
    {
        double[] weights = new double[data.Count];
        for (int m = 0; m < weights.Length; m++)
            weights[m] = stepLoss == StepLoss.MeanOverTargets ? Checked(m, data.Weight(m, Ignored) ?? Count(data, m)) : 1;
        return double.IsFinite(weights.Sum())
            ? new StepWeights(weights, sums: stepLoss == StepLoss.Sum)
            : throw new PipelineException($"The weights of {weights.Length} microbatches add up to no finite number.");
    }

    public void Dispose() => _graph.Dispose();

    private double Count(IMicrobatches data, int microbatch)
    {
        Shape shape = data.TargetShape(microbatch);
        if (data.Count == 1) return 1;
        if (Ignored is not { } ignored || data.TargetDType != DType.Int32) return shape.ElementCount;
        if (_target?.Shape != shape)
        {
            _graph.Clear();
            _target = _graph.Placeholder(shape, DType.Int32, name: "target");
        }
        try
        {
            data.FeedTarget(microbatch, _target.Value);
            int[] targets = _target.Value.ToArray<int>();
            return targets.Length - targets.AsSpan().Count(ignored);
        }
        finally
        {
            _graph.Abandon();
        }
    }

    /// <summary>Whether a value is the targets, or made from them, such as in another shape.</summary>
    private static bool Comes(Value value, Value from)
    {
        while (value != from && value.Node.Operands.Count > 0) value = value.Node.Operands[0];
        return value == from;
    }

    private static double Checked(int microbatch, double weight) => double.IsFinite(weight) && weight >= 0
        ? weight
        : throw new PipelineException($"Microbatch {microbatch} has weight {weight}.", "weights are finite and 0 or more");
}
