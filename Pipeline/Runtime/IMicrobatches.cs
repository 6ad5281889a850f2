namespace AutogradCore.Pipeline;

/// <summary>The data of one step, cut into microbatches.</summary>
public interface IMicrobatches
{
    /// <summary>How many microbatches there are.</summary>
    int Count { get; }

    /// <summary>The element type of the first stage's input.</summary>
    DType InputDType { get; }

    /// <summary>The element type of the targets.</summary>
    DType TargetDType { get; }

    /// <summary>The shape of one microbatch's input; shapes may differ between microbatches.</summary>
    Shape InputShape(int microbatch);

    /// <summary>The shape of one microbatch's targets.</summary>
    Shape TargetShape(int microbatch);

    /// <summary>Gives the first stage its input.</summary>
    void FeedInput(int microbatch, Value placeholder);

    /// <summary>Gives the last stage its targets. Called once more where targets are counted before they are used.</summary>
    void FeedTarget(int microbatch, Value placeholder);

    /// <summary>How much a microbatch weighs in the loss of its step (<see cref="StepLoss.MeanOverTargets"/>): what its own loss
    /// is a mean over. Finite and 0 or more; in any unit, the same for all microbatches of a step.</summary>
    /// <param name="microbatch">The microbatch.</param>
    /// <param name="ignored">The class number that the cross-entropy of the targets ignores; null where there is none.</param>
    /// <returns>Null, unless overridden: the runner then counts the elements of the targets, without the ignored ones. Override
    /// it for data with weights of their own, or whose loss is a mean over something else.</returns>
    double? Weight(int microbatch, int? ignored) => null;
}

/// <summary>Token ids and next-token targets: rows of T, cut into equal groups of rows.</summary>
public sealed class TokenMicrobatches : IMicrobatches
{
    private readonly ReadOnlyMemory<int> _inputs, _targets;
    private readonly int _rows, _time;

    /// <summary>A batch of B rows of T tokens in <paramref name="count"/> microbatches of B/count rows.</summary>
    /// <param name="inputs">B·T token ids, row-major.</param>
    /// <param name="targets">B·T token ids, row-major.</param>
    /// <param name="time">T.</param>
    /// <param name="count">The number of microbatches.</param>
    /// <exception cref="PipelineException">The numbers do not divide.</exception>
    public TokenMicrobatches(ReadOnlyMemory<int> inputs, ReadOnlyMemory<int> targets, int time, int count)
    {
        int batch = time < 1 ? 0 : inputs.Length / time;
        if (time < 1 || inputs.Length != batch * time || targets.Length != inputs.Length)
            throw new PipelineException($"{inputs.Length} inputs and {targets.Length} targets are no rows of {time} tokens.");
        if (count < 1 || batch % count != 0)
            throw new PipelineException($"A batch of {batch} rows does not divide into {count} microbatches.",
                "choose microbatches that divide the batch");
        (_inputs, _targets, _time, Count, _rows) = (inputs, targets, time, count, batch / count);
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public DType InputDType => DType.Int32;

    /// <inheritdoc/>
    public DType TargetDType => DType.Int32;

    /// <inheritdoc/>
    public Shape InputShape(int microbatch) => [_rows, _time];

    /// <inheritdoc/>
    public Shape TargetShape(int microbatch) => [_rows, _time];

    /// <inheritdoc/>
    public void FeedInput(int microbatch, Value placeholder) => placeholder.Graph.Feed(placeholder, Part(_inputs, microbatch));

    /// <inheritdoc/>
    public void FeedTarget(int microbatch, Value placeholder) => placeholder.Graph.Feed(placeholder, Part(_targets, microbatch));

    /// <inheritdoc/>
    public double? Weight(int microbatch, int? ignored)
    {
        ReadOnlySpan<int> targets = Part(_targets, microbatch);
        return targets.Length - (ignored is { } target ? targets.Count(target) : 0);
    }

    private ReadOnlySpan<int> Part(ReadOnlyMemory<int> all, int microbatch) =>
        all.Span.Slice(microbatch * _rows * _time, _rows * _time);
}
