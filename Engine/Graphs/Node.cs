namespace AutogradCore;

/// <summary>What a node stands for.</summary>
public enum NodeKind
{
    /// <summary>Data: a stage input, token ids, targets. Everything computed from it is on the input side.</summary>
    Input,

    /// <summary>A fixed tensor, such as a mask: on the side of whatever it meets.</summary>
    Constant,

    /// <summary>A parameter: on the weight side.</summary>
    Parameter,

    /// <summary>The result of an op.</summary>
    Operation,
}

/// <summary>One recorded operation or leaf of a <see cref="Graph"/>.</summary>
public sealed partial class Node
{
    /// <summary>The most operands or outputs a node can have: masks are 64 bits.</summary>
    public const int MaxOperands = 64;

    private readonly Value[] _operands;
    private readonly ulong _differentiable;

    internal Node(Graph graph, NodeKind kind, string name, Slot slot)
    {
        (Graph, Kind, Name, Slots, _operands, Extras) = (graph, kind, name, [slot], [], []);
        Index = graph.Append(this);
    }

    private Node(Graph graph, Op op, Value[] operands, Signature signature)
    {
        (Graph, Kind, Op, _operands, _differentiable) = (graph, NodeKind.Operation, op, operands, signature.Differentiable);
        Name = LabelOf(operands);
        foreach (Value operand in operands) DependsOnData |= operand.Node.DependsOnData;
        Slots = [.. signature.Outputs.Select(o => new Slot(
            o.Shape, o.DType,
            op.IsView ? operands[0].Slot.Storage : new Storage((long)o.Shape.ElementCount * o.DType.Size()),
            DependsOnData ? o.DType : o.DType.Sums()))];
        Extras = [.. signature.Extras.Select(
            o => new Slot(o.Shape, o.DType, new Storage((long)o.Shape.ElementCount * o.DType.Size())))];
        Index = graph.Append(this);
    }

    /// <summary>The graph it is recorded on.</summary>
    public Graph Graph { get; }

    /// <summary>Its position in recording order, which is a topological order.</summary>
    public int Index { get; }

    /// <summary>What it stands for.</summary>
    public NodeKind Kind { get; }

    /// <summary>The operation; null for leaves.</summary>
    public Op? Op { get; }

    /// <summary>A leaf's name, or the module path an operation works for, taken from its parameters; may be empty.</summary>
    public string Name { get; }

    /// <summary>The values it reads.</summary>
    public IReadOnlyList<Value> Operands => _operands;

    /// <summary>The number of outputs.</summary>
    public int OutputCount => Slots.Length;

    /// <summary>Input-side: it depends on data. Otherwise weight-side: it depends on parameters and constants alone.</summary>
    public bool DependsOnData { get; internal init; }

    /// <summary>Whether a gradient has to reach it: something trainable or differentiable lies upstream.</summary>
    public bool RequiresGradient { get; internal set; }

    /// <summary>The operands whose gradient <see cref="Graph.BackwardInputs()"/> computes here: bit i for operand i.</summary>
    public ulong InputRules { get; private set; }

    /// <summary>The operands whose gradient is left to <see cref="Graph.BackwardWeights()"/>: bit i for operand i.</summary>
    public ulong WeightRules { get; private set; }

    internal Parameter? Parameter { get; init; }

    /// <summary>The parameter whose gradient this node's is: its own, or the one that it is a rounded copy of, so that weight
    /// rules add to floats and nothing is rounded between uses and microbatches.</summary>
    /// <remarks>A parameter of doubles is not added to by rules for floats: its gradient goes back through the cast.</remarks>
    internal Parameter? Accumulates => Parameter ?? (IsRoundedParameter && !Slots[0].KeepsGradient
        && _operands[0].DType == Slots[0].GradientDType ? Rounded : null);

    /// <summary>Whether it is a parameter rounded to <see cref="DType.BFloat16"/>.</summary>
    internal bool IsRoundedParameter => Op is Cast && Slots[0].DType == DType.BFloat16 && Rounded is not null;

    private Parameter? Rounded => _operands[0].Node.Parameter;

    internal Tensor? Source { get; init; }

    internal bool Differentiable { get; init; }

    internal bool Fed { get; set; }

    /// <summary>The user's tensor that this leaf stands for in the present step, and its version when F read it.</summary>
    internal Tensor? Borrowed { get; set; }

    internal int BorrowedVersion { get; set; }

    internal bool Planned { get; set; }

    internal bool IsDeferred { get; set; }

    /// <summary>How many planned nodes read one of its outputs.</summary>
    internal int Readers { get; set; }

    /// <summary>The node that this product computes along; null for none.</summary>
    internal Node? Follower { get; set; }

    /// <summary>The operand whose product computes this node along; -1 for none.</summary>
    internal int FollowedOperand { get; set; } = -1;

    internal Slot[] Slots { get; }

    internal Slot[] Extras { get; }

    internal Storage[] InputReads { get; private set; } = [];

    internal Storage[] WeightReads { get; private set; } = [];

    /// <summary>The nodes whose output is computed anew for the rules of the inputs' phase.</summary>
    internal Node[] CheapForInputs { get; private set; } = [];

    /// <summary>The nodes whose output is computed anew for the rules of the weights' phase.</summary>
    internal Node[] CheapForWeights { get; private set; } = [];

    /// <summary>Output <paramref name="index"/> as a value.</summary>
    public Value Output(int index) => index < Slots.Length
        ? new Value(this, index)
        : throw new ArgumentOutOfRangeException(nameof(index), $"{this} has {Slots.Length} outputs.");

    /// <summary>Op, label and output shapes: <c>Linear 'mlp.up' -> [8,512]</c>.</summary>
    public override string ToString() =>
        $"{Op?.Name ?? Kind.ToString()}{(Name.Length > 0 ? $" '{Name}'" : "")} "
        + $"-> {string.Join(", ", Slots.Select(s => s.Shape))}";

    internal ReadOnlySpan<Value> OperandSpan => _operands;

    internal bool HasGradient
    {
        get
        {
            foreach (Slot slot in Slots)
                if (slot.GradientBuffer is not null) return true;
            return false;
        }
    }

    internal static Node Record(Op op, ReadOnlySpan<Value> operands)
    {
        if (operands.IsEmpty)
            throw new GraphException(
                $"{op.Name} was applied to no operands.", "leaves are made with Input, Constant or Parameter");
        if (operands.Length > MaxOperands)
            throw new GraphException(
                $"{op.Name} was applied to {operands.Length} operands; the limit is {MaxOperands}.", "apply it in groups");
        Graph graph = operands[0].Graph;
        Value[] copy = operands.ToArray();
        for (int i = 0; i < copy.Length; i++)
            if (copy[i].Graph != graph)
                throw new GraphException($"{op.Name}: {op.OperandName(i)} belongs to another graph than {op.OperandName(0)}.",
                    "record both on one graph; move data between graphs with ToArray and Input");
        Signature signature = new(op, copy);
        op.Infer(signature);
        if (signature.Outputs.Count is 0 or > MaxOperands)
            throw new OpContractException(
                $"{op.Name} declared {signature.Outputs.Count} outputs.", "call Output in Infer once for each");
        if (op.IsView && (signature.Outputs is not [var view] || signature.Extras.Count > 0
            || view.DType != copy[0].DType || view.Shape.ElementCount != copy[0].Shape.ElementCount))
            throw new OpContractException($"{op.Name} is a view of {copy[0].DType}{copy[0].Shape}, but declares something else.",
                "a view has one output of operand 0's element type and count, and saves nothing");
        return new Node(graph, op, copy, signature);
    }

    /// <summary>The module path among operands: the first parameter's name without its last part.</summary>
    internal static string LabelOf(ReadOnlySpan<Value> operands)
    {
        foreach (Value operand in operands)
            if (operand.Node.Accumulates is { Name: var name } && name.LastIndexOf('.') is > 0 and int dot)
                return name[..dot];
        return "";
    }
}
