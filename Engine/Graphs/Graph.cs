using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>Where a graph stands within a step.</summary>
public enum GraphPhase
{
    /// <summary>Nothing of a step has run: operations may be recorded, inputs fed.</summary>
    Ready,

    /// <summary>F has run: values are computed, and what the gradient rules declared is held.</summary>
    Forwarded,

    /// <summary>I has run: input gradients are known, and what the deferred weight rules declared is held.</summary>
    InputsDone,

    /// <summary>W has run: parameter gradients are accumulated, and nothing is held but what a user asked to keep.</summary>
    WeightsDone,
}

/// <summary>
/// Records operations once and runs them any number of times, with two separate backward traversals:
/// <see cref="BackwardInputs()"/> computes what the neighbouring pipeline stage waits for,
/// <see cref="BackwardWeights()"/> the parameter gradients, any time later.
/// </summary>
/// <remarks>
/// The graph owns all activations and frees each as soon as no declared reader is left. Use one graph per microbatch in flight; a
/// graph that runs the same recording again allocates nothing. One thread at a time. First order only.
/// </remarks>
public sealed partial class Graph : IDisposable
{
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<Parameter, Node> _parameters = [];
    private readonly List<Tensor> _owned = [];
    private readonly HashSet<Value> _kept = [];
    private bool _disposed;

    /// <summary>A graph whose operations run on <paramref name="backend"/>.</summary>
    public Graph(IBackend backend) => Backend = backend;

    /// <summary>Only reports a graph that nobody disposed while it held memory, which stays lent.</summary>
    ~Graph() => Backend?.Memory.ReportLeak(this);

    /// <summary>Where the operations run.</summary>
    public IBackend Backend { get; }

    /// <summary>Where the step stands.</summary>
    public GraphPhase Phase { get; private set; }

    /// <summary>Checks every result and gradient for NaN and infinity, at the price of reading each once more. Infinities of
    /// operands may pass through F, as those of masks do.</summary>
    public bool DetectAnomaly { get; set; }

    /// <summary>Fills memory with NaN when it is freed, so that a rule which reads what it did not declare is caught.</summary>
    public bool PoisonFreed { get; set; }

    /// <summary>The recorded nodes, in recording order.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>The parameters that the recorded operations use, in order of first use.</summary>
    public IReadOnlyCollection<Parameter> Parameters => _parameters.Keys;

    /// <summary>An input that is a user's tensor: its present content is read by each run,
    /// and it must stay alive until the step is over.</summary>
    /// <param name="tensor">The elements; must live on the graph's backend.</param>
    /// <param name="differentiable">Whether its gradient is wanted: it is then held after <see cref="BackwardInputs()"/>.</param>
    /// <param name="name">A name for messages.</param>
    public Value Input(Tensor tensor, bool differentiable = false, string name = "input") =>
        Leaf(NodeKind.Input, tensor, differentiable, name);

    /// <summary>An input with the given elements, owned by the graph.</summary>
    public Value Input<T>(ReadOnlySpan<T> elements, in Shape shape, bool differentiable = false, string name = "input")
        where T : unmanaged =>
        Input(Own(elements, shape), differentiable, name);

    /// <summary>An input whose elements are given anew for every run by <see cref="Feed{T}"/> and freed when
    /// no rule reads them any more.</summary>
    public Value Placeholder(in Shape shape, DType dtype = DType.Float32, bool differentiable = false, string name = "input")
    {
        RequireDifferentiable(dtype, differentiable, name);
        Slot slot = new(shape, dtype, new Storage((long)shape.ElementCount * dtype.Size())) { KeepsGradient = differentiable };
        return new Node(this, NodeKind.Input, name, slot) { DependsOnData = true, Differentiable = differentiable }.Output(0);
    }

    /// <summary>A fixed tensor that is neither data nor trainable, such as a mask.</summary>
    public Value Constant(Tensor tensor, string name = "constant") => Leaf(NodeKind.Constant, tensor, false, name);

    /// <summary>A constant with the given elements, owned by the graph.</summary>
    public Value Constant<T>(ReadOnlySpan<T> elements, in Shape shape, string name = "constant") where T : unmanaged =>
        Constant(Own(elements, shape), name);

    /// <summary>A parameter as a value; the same node whenever the same parameter is asked for,
    /// so that tied weights are one. Its substitute, where <see cref="Substitutes"/> name one.</summary>
    public Value Parameter(Parameter parameter)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Substitutes is not null && Substitutes.Parameters.TryGetValue(parameter, out Parameter? other)) parameter = other;
        if (_parameters.TryGetValue(parameter, out Node? known)) return known.Output(0);
        RequireBackend(parameter.Data, parameter.Name);
        Slot slot = new(parameter.Shape, parameter.Data.DType, new Storage(0) { External = true });
        Node node = new(this, NodeKind.Parameter, parameter.Name, slot) { Parameter = parameter };
        _parameters.Add(parameter, node);
        return node.Output(0);
    }

    /// <summary>Gives a placeholder its elements for the next run.
    /// A step whose weight work is done, or that has none, ends here.</summary>
    /// <exception cref="ShapeMismatchException">The number of elements differs.</exception>
    public void Feed<T>(Value placeholder, ReadOnlySpan<T> elements) where T : unmanaged
    {
        if (DTypes.Of<T>() != placeholder.DType)
            throw new DTypeException($"Input '{placeholder.Name}' is {placeholder.DType}, but was fed {typeof(T).Name}.");
        if (elements.Length != placeholder.Shape.ElementCount)
            throw new ShapeMismatchException(
                $"Input '{placeholder.Name}' is {placeholder.Shape} ({placeholder.Shape.ElementCount} elements), "
                + $"but was fed {elements.Length}.");
        Backend.Upload(elements, FeedTarget(placeholder));
    }

    /// <summary>Gives a placeholder its elements for the next run from memory of the same backend,
    /// such as a received transfer.</summary>
    public void Feed(Value placeholder, in View elements)
    {
        if (elements.DType != placeholder.DType || elements.Shape != placeholder.Shape)
            throw new ShapeMismatchException(
                $"Input '{placeholder.Name}' is {placeholder.DType}{placeholder.Shape}, but was fed {elements}.");
        Backend.Copy(elements, Into(FeedTarget(placeholder)));
    }

    /// <summary>Holds a value until the next step, whether rules read it or not. In the middle of a step: if it is held at this
    /// moment, and in the steps after this one in any case.</summary>
    public void Keep(Value value)
    {
        Own(value);
        if (!_kept.Add(value)) return;
        _planned = false;
        if (Phase != GraphPhase.Ready && value.Slot.Storage is { Buffer: not null } storage && _held.Add(value))
            storage.Pending++;
    }

    /// <summary>Gives up a kept value for the rest of this step, freeing it when no rule reads it any more.</summary>
    public void Release(Value value)
    {
        Own(value);
        if (Phase != GraphPhase.Ready && _held.Remove(value)) Consume(value.Slot.Storage);
    }

    /// <summary>Holds the gradient of a value after the backward pass, until the next step.</summary>
    public void KeepGradient(Value value)
    {
        Own(value);
        value.Slot.KeepsGradient = true;
    }

    /// <summary>Gives up a held gradient for the rest of this step, once it has been sent or copied;
    /// it is freed when no deferred rule needs it.</summary>
    /// <exception cref="PhaseException">I has not run: there is no gradient to give up.</exception>
    public void ReleaseGradient(Value value)
    {
        Own(value);
        if (Phase is GraphPhase.Ready or GraphPhase.Forwarded) RequirePhase(GraphPhase.InputsDone, nameof(ReleaseGradient));
        value.Slot.GradientReleased = true;
        Node node = value.Node;
        if (Phase == GraphPhase.WeightsDone || (node.DependsOnData && !node.IsDeferred)) FreeGradient(value.Slot);
    }

    /// <summary>Gives up the step that is under way, with everything it holds and all weight work that waits.</summary>
    public void Abandon() => EndStep();

    /// <summary>Forgets all operations and frees all memory; values recorded before are invalid from here on.</summary>
    public void Clear()
    {
        EndStep();
        foreach (Tensor tensor in _owned) tensor.Dispose();
        _owned.Clear();
        _nodes.Clear();
        _parameters.Clear();
        _uses.Clear();
        _remembered.Clear();
        _modes.Clear();
        _kept.Clear();
        _planStorages.Clear();
        (_order, _outputs) = ([], []);
        _deferred.Clear();
        _planned = false;
    }

    /// <summary>Frees everything the graph owns. Parameters and tensors of users stay.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        Clear();
        _disposed = true;
        GC.SuppressFinalize(this);
    }

    /// <summary>A constant of one element in a floating type, for operators with a number.</summary>
    internal Value Scalar(double value, DType dtype) => dtype switch
    {
        DType.Float64 => Constant<double>([value], Shape.Scalar, name: ""),
        DType.BFloat16 => Constant<BFloat16>([(BFloat16)(float)value], Shape.Scalar, name: ""),
        _ => Constant<float>([(float)value], Shape.Scalar, name: ""),
    };

    internal int Append(Node node)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _nodes.Add(node);
        _planned = false;
        return _nodes.Count - 1;
    }

    internal void RequireAlive() => ObjectDisposedException.ThrowIf(_disposed, this);

    internal bool IsCurrent(Node node) => node.Index < _nodes.Count && _nodes[node.Index] == node;

    internal View ViewOf(Value value)
    {
        Slot slot = value.Slot;
        if (slot.Storage is { Buffer: not null, Lender: { Borrowed.IsDisposed: true } leaf })
            throw new GraphException($"{value.Node} cannot be read: the tensor of {leaf} was disposed.",
                "keep tensors alive until the last step that reads them is over");
        if (slot.Storage.Buffer is not null) return slot.View;
        bool computed = Phase != GraphPhase.Ready && value.Node.Planned;
        throw new GraphException(
            $"{value.Node} is not held: {(computed ? "no later rule reads it, so it was freed" : "it has not been computed")}.",
            computed ? "call graph.Keep(value) before Forward" : "call Forward first, naming it among the outputs");
    }

    internal static View GradientOf(Value value) => value.Slot.GradientBuffer is not null
        ? value.Slot.Gradient
        : throw new GraphException($"No gradient of {value.Node} is held.", value.Node.Parameter is null
            ? "run BackwardInputs first, and ask for it with KeepGradient or a differentiable input"
            : "gradients of parameters accumulate in Parameter.Gradient, by BackwardWeights");

    /// <summary>The elements of a value, computed first if that disturbs no step.</summary>
    internal View Materialize(Value value)
    {
        if (value.Slot.Storage.Buffer is null && MayRecompute(value))
            Forward([.. Phase == GraphPhase.Ready ? [] : _outputs, value]);
        return value.View;
    }

    private Value Leaf(NodeKind kind, Tensor tensor, bool differentiable, string name)
    {
        RequireBackend(tensor, name);
        RequireDifferentiable(tensor.DType, differentiable, name);
        Slot slot = new(tensor.Shape, tensor.DType, new Storage(0) { External = true }) { KeepsGradient = differentiable };
        return new Node(this, kind, name, slot)
        {
            Source = tensor,
            DependsOnData = kind == NodeKind.Input,
            Differentiable = differentiable,
        }.Output(0);
    }

    private Tensor Own<T>(ReadOnlySpan<T> elements, in Shape shape) where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Tensor tensor = Tensor.From(Backend, elements, shape);
        _owned.Add(tensor);
        return tensor;
    }

    private void Own(Value value)
    {
        if (value.Graph != this) throw new GraphException($"{value.Node} belongs to another graph.");
    }

    private View FeedTarget(Value placeholder)
    {
        Own(placeholder);
        Node node = placeholder.Node;
        if (node.Kind != NodeKind.Input || node.Source is not null)
            throw new GraphException(
                $"{node} cannot be fed.", "only placeholders are; a tensor input is changed with Tensor.CopyFrom");
        BeginStep(nameof(Feed));
        Slot slot = placeholder.Slot;
        slot.Storage.Buffer ??= Rent(slot.Storage.Bytes);
        node.Fed = true;
        return slot.View;
    }

    private void RequireBackend(Tensor tensor, string name)
    {
        if (tensor.Backend != Backend)
            throw new GraphException($"'{name}' lives on backend '{tensor.Backend.Name}', the graph on '{Backend.Name}'.",
                "create it on the graph's own backend instance");
    }

    private static void RequireDifferentiable(DType dtype, bool differentiable, string name)
    {
        if (differentiable && !dtype.IsFloating())
            throw new DTypeException($"Input '{name}' is {dtype} and cannot be differentiable.");
    }
}
