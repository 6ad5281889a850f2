namespace AutogradCore;

/// <summary>A handle to one output of a node: what models are written with. It owns nothing; the graph owns the memory.</summary>
public readonly partial struct Value : IEquatable<Value>
{
    private readonly Node? _node;
    private readonly int _output;

    internal Value(Node node, int output) => (_node, _output) = (node, output);

    /// <summary>The node that computes it.</summary>
    /// <exception cref="GraphException">The value is empty, or its graph was cleared since.</exception>
    /// <exception cref="ObjectDisposedException">Its graph was disposed.</exception>
    public Node Node
    {
        get
        {
            if (_node is null)
                throw new GraphException(
                    "An empty Value was used.", "values come from Graph.Input, Graph.Parameter and ops; default(Value) is none");
            if (_node.Graph.IsCurrent(_node)) return _node;
            _node.Graph.RequireAlive();
            throw new GraphException($"{_node} was recorded before its graph was cleared.", "record the model again after Clear");
        }
    }

    /// <summary>Which of the node's outputs it is.</summary>
    public int OutputIndex => _output;

    /// <summary>The graph it is recorded on.</summary>
    public Graph Graph => Node.Graph;

    /// <summary>The lengths of the axes.</summary>
    public Shape Shape => Slot.Shape;

    /// <summary>The element type.</summary>
    public DType DType => Slot.DType;

    /// <summary>The name of an input or parameter; empty for results of ops.</summary>
    public string Name => Node.Kind == NodeKind.Operation ? "" : Node.Name;

    /// <summary>The elements while the graph holds them, for kernels and transports.</summary>
    /// <exception cref="GraphException">They are not held:
    /// not computed yet, or freed because nothing reads them any more.</exception>
    public View View => Graph.ViewOf(this);

    /// <summary>The gradient that reached this value, held when it is a differentiable input or
    /// <see cref="Graph.KeepGradient"/> asked for it.</summary>
    /// <exception cref="GraphException">There is none.</exception>
    public View Gradient => Graph.GradientOf(this);

    /// <summary>Whether <see cref="Gradient"/> is held at this moment.</summary>
    public bool HasGradient => Slot.GradientBuffer is not null;

    internal Slot Slot => Node.Slots[_output];

    /// <summary>Copies the elements out, computing them first when they are not yet.</summary>
    public T[] ToArray<T>() where T : unmanaged
    {
        T[] elements = new T[Shape.ElementCount];
        Graph.Backend.Download<T>(Graph.Materialize(this), elements);
        return elements;
    }

    /// <summary>The single element of a floating value as a double, computed first when it is not yet.</summary>
    /// <exception cref="ShapeMismatchException">There is not exactly one element.</exception>
    public double Item()
    {
        if (Shape.ElementCount != 1) throw new ShapeMismatchException($"Item() needs one element, but the value is {Shape}.");
        return DType switch
        {
            DType.Float32 => ToArray<float>()[0],
            DType.Float64 => ToArray<double>()[0],
            DType.BFloat16 => (float)ToArray<BFloat16>()[0],
            DType.Int32 => ToArray<int>()[0],
            _ => ToArray<byte>()[0],
        };
    }

    /// <inheritdoc/>
    public bool Equals(Value other) => _node == other._node && _output == other._output;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_node, _output);

    /// <summary>Whether both are the same output of the same node.</summary>
    public static bool operator ==(Value a, Value b) => a.Equals(b);

    /// <summary>Whether they are different outputs.</summary>
    public static bool operator !=(Value a, Value b) => !a.Equals(b);

    /// <summary>The node and its shape.</summary>
    public override string ToString() => _node?.ToString() ?? "empty";
}
