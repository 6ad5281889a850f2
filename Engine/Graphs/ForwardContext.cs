namespace AutogradCore;

/// <summary>What an op's forward rule works with.</summary>
public readonly struct ForwardContext
{
    private readonly Node _node;

    internal ForwardContext(Node node) => _node = node;

    /// <summary>Where the kernels run.</summary>
    public IBackend Backend => _node.Graph.Backend;

    /// <summary>The number of operands.</summary>
    public int Count => _node.Operands.Count;

    /// <summary>Operand <paramref name="index"/>.</summary>
    public View this[int index] => _node.OperandSpan[index].Slot.View;

    /// <summary>The first output, to be overwritten.</summary>
    public View Y => _node.Slots[0].View;

    /// <summary>Output <paramref name="index"/>, to be overwritten.</summary>
    public View Output(int index) => _node.Slots[index].View;

    /// <summary>Saved extra <paramref name="index"/>, to be overwritten.</summary>
    public View Saved(int index) => _node.Extras[index].View;

    /// <summary>Temporary memory of this call.</summary>
    public Temporary Scratch(in Shape shape, DType dtype) => new(Backend, shape, dtype);

    /// <summary>Random numbers for a layer: the same for every schedule,
    /// thread count and recomputation of this step and microbatch.</summary>
    public RandomStream Random(ulong layer) => _node.Graph.RandomOf(layer);
}

/// <summary>Temporary memory, given back when the <c>using</c> that holds it ends.</summary>
public readonly ref struct Temporary
{
    private readonly Buffer _buffer;

    internal Temporary(IBackend backend, in Shape shape, DType dtype)
    {
        _buffer = backend.Memory.RentBriefly((long)shape.ElementCount * dtype.Size());
        View = new View(_buffer, dtype, shape);
    }

    /// <summary>The memory; its content is undefined at first.</summary>
    public View View { get; }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => _buffer.Return();
}
