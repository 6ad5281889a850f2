namespace AutogradCore.Nn;

/// <summary>A connection past the layers between two points of a model: <see cref="Out"/> passes its input on and keeps it for
/// <see cref="In"/>, a later layer, which combines it with its own input.</summary>
/// <remarks>
/// <c>Skip skip = new(); layers = [a, skip.Out, b, c, skip.In((x, s) => x + s), d]</c>. It works within one graph, and in a pipeline
/// where the two layers fall into different stages. At Out the gradients meet in a fixed order: the next layer's first, then those of
/// the Ins in the order in which they were made; each is summed up by itself, so the bits do not depend on the stages.
/// </remarks>
public sealed class Skip
{
    private readonly List<SkipIn> _ends = [];

    /// <summary>A connection without ends.</summary>
    public Skip() => Out = new SkipOut(this);

    /// <summary>The layer where it starts.</summary>
    public SkipOut Out { get; }

    /// <summary>The layers where it ends, in the order in which they were made.</summary>
    public IReadOnlyList<SkipIn> Ends => _ends;

    /// <summary>A layer where it ends.</summary>
    /// <param name="combine">The layer's own input and what Out kept, to the layer's result; without parameters of its own.</param>
    public SkipIn In(Func<Value, Value, Value> combine)
    {
        SkipIn end = new(this, combine);
        _ends.Add(end);
        return end;
    }
}

/// <summary>y = x, kept for the ends of a <see cref="Nn.Skip"/>.</summary>
public sealed class SkipOut : Module
{
    internal SkipOut(Skip skip) => Skip = skip;

    /// <summary>The connection that starts here.</summary>
    public Skip Skip { get; }

    /// <inheritdoc/>
    public override Value Forward(Value x)
    {
        // Gradients run through nodes in reverse: the view recorded last, for the next layer, contributes first.
        for (int end = Skip.Ends.Count - 1; end >= 0; end--) x.Graph.Remember(Skip.Ends[end], new Reshape(x.Shape).Apply(x));
        return new Reshape(x.Shape).Apply(x);
    }
}

/// <summary>y = combine(x, s), where s is what the start of a <see cref="Nn.Skip"/> kept.</summary>
public sealed class SkipIn : Module
{
    private readonly Func<Value, Value, Value> _combine;

    internal SkipIn(Skip skip, Func<Value, Value, Value> combine) => (Skip, _combine) = (skip, combine);

    /// <summary>The connection that ends here.</summary>
    public Skip Skip { get; }

    /// <inheritdoc/>
    /// <exception cref="ModelException">The start has not been recorded before.</exception>
    public override Value Forward(Value x) => x.Graph.Recall(this) is { } kept
        ? _combine(x, kept)
        : throw new ModelException("A skip connection ends before it starts.", "put Skip.Out into the model before Skip.In");
}
