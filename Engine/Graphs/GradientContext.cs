using static AutogradCore.Destination;

namespace AutogradCore;

/// <summary>What an op's gradient rule works with: which gradients are wanted, where they go, and the declared reads.</summary>
public readonly struct GradientContext
{
    private readonly Node _node;
    private readonly RuleRun _run;

    internal GradientContext(Node node, RuleRun run) => (_node, _run) = (node, run);

    /// <summary>Where the kernels run.</summary>
    public IBackend Backend => _node.Graph.Backend;

    /// <summary>The number of operands.</summary>
    public int Count => _node.Operands.Count;

    /// <summary>The gradient of the first output.</summary>
    public View Dy => OutputGradient(0);

    /// <summary>Operand <paramref name="index"/>, which the wanted rules must have declared.</summary>
    /// <exception cref="OpContractException">It was not declared.</exception>
    public View this[int index]
    {
        get
        {
            if (!_run.Allows(Reads.Operand(index)))
                throw Undeclared($"operand {_node.Op!.OperandName(index)}", $"Reads.Operand({index})");
            return _node.OperandSpan[index].Slot.View;
        }
    }

    /// <summary>Output <paramref name="index"/>, which the wanted rules must have declared.</summary>
    /// <exception cref="OpContractException">It was not declared.</exception>
    public View Output(int index = 0)
    {
        if (!_run.Allows(Reads.Output(index))) throw Undeclared($"output {index}", $"Reads.Output({index})");
        return _node.Slots[index].View;
    }

    /// <summary>Saved extra <paramref name="index"/>, which the wanted rules must have declared.</summary>
    /// <exception cref="OpContractException">It was not declared.</exception>
    public View Saved(int index = 0)
    {
        if (!_run.Allows(Reads.Saved(index))) throw Undeclared($"saved extra {index}", $"Reads.Saved({index})");
        return _node.Extras[index].View;
    }

    /// <summary>The gradient of output <paramref name="index"/>; absent when nothing downstream used that output.</summary>
    public View OutputGradient(int index) =>
        _node.Slots[index] is { GradientBuffer: not null } slot ? slot.Gradient : default;

    /// <summary>The shape of operand <paramref name="index"/>; shapes need no declaration.</summary>
    public Shape ShapeOf(int index) => _node.OperandSpan[index].Shape;

    /// <summary>The shape of output <paramref name="index"/>.</summary>
    public Shape OutputShape(int index = 0) => _node.Slots[index].Shape;

    /// <summary>The element type of operand <paramref name="index"/>.</summary>
    public DType DTypeOf(int index) => _node.OperandSpan[index].DType;

    /// <summary>Whether the gradient of operand <paramref name="index"/> is asked for now, and where it goes.
    /// Ask once, then write or add.</summary>
    public bool Wants(int index, out Destination gradient) => _run.Wants(_node, index, out gradient);

    /// <summary>Temporary memory of this call.</summary>
    public Temporary Scratch(in Shape shape, DType dtype) => new(Backend, shape, dtype);

    /// <summary>The same random numbers that the forward rule saw.</summary>
    public RandomStream Random(ulong layer) => _node.Graph.RandomOf(layer);

    internal Op Op => _node.Op!;

    internal void MarkHandedOut(int index) => _run.MarkHandedOut(index);

    internal bool IsWanted(int index) => _run.IsWanted(index);

    private OpContractException Undeclared(string what, string declaration) =>
        new($"The gradient rule of {_node} reads {what}, which it does not declare.",
            $"return {declaration} from Reads, so that the graph keeps it");
}

/// <summary>One rule over several microbatches, ascending: their contexts, and one destination for the sum.</summary>
public readonly ref struct GradientBatch
{
    private readonly ReadOnlySpan<GradientContext> _contexts;

    internal GradientBatch(ReadOnlySpan<GradientContext> contexts) => _contexts = contexts;

    /// <summary>The number of microbatches.</summary>
    public int Count => _contexts.Length;

    /// <summary>Where the kernels run.</summary>
    public IBackend Backend => _contexts[0].Backend;

    /// <summary>The context of one microbatch.</summary>
    public GradientContext this[int microbatch] => _contexts[microbatch];

    /// <summary>Whether the gradient of operand <paramref name="index"/>, one parameter shared by all microbatches, is asked for,
    /// and where the sum goes.</summary>
    public bool Wants(int index, out Destination sum)
    {
        if (!_contexts[0].Wants(index, out sum)) return false;
        for (int i = 1; i < _contexts.Length; i++) _contexts[i].MarkHandedOut(index);
        return true;
    }
}

/// <summary>The run of one node's rules: the operands wanted, those handed out, and the reads allowed.</summary>
internal sealed class RuleRun
{
    private readonly List<(Buffer Buffer, View Sum)> _aliases = [];
    private ulong _wanted;
    private ulong _handed;
    private Reads _allowed;

    /// <summary>What the rules read in fact, for the check of over-declaration.</summary>
    public Reads Seen { get; private set; }

    public void Begin(Node node, ulong wanted)
    {
        (_wanted, _handed, _allowed, Seen) = (wanted, 0, node.ReadsOf(wanted), Reads.Nothing);
    }

    /// <summary>Notes a read, and says whether the wanted rules declared it.</summary>
    public bool Allows(Reads reads)
    {
        Seen |= reads;
        return (_allowed | reads) == _allowed;
    }

    public bool IsWanted(int index) => (_wanted >> index & 1) != 0;

    public void MarkHandedOut(int index) => _handed |= 1UL << index;

    public bool Wants(Node node, int index, out Destination gradient)
    {
        gradient = default;
        if (!IsWanted(index)) return false;
        if ((_handed >> index & 1) != 0)
            throw new OpContractException(
                $"The gradient rule of {node} asks twice where the gradient of {node.Op!.OperandName(index)} goes.",
                $"call Wants({index}, ...) once, and keep what it hands out");
        Destination target = Target(node, index);
        // A joint kernel may hold two destinations at once. If they are the same memory, the second gets memory of its own.
        for (int i = 0; i < node.Operands.Count; i++)
        {
            if ((_handed >> i & 1) == 0 || !ShareGradient(node.OperandSpan[i], node.OperandSpan[index])) continue;
            View sum = target.View;
            Buffer buffer = node.Graph.Backend.Memory.RentBriefly(sum.Bytes);
            _aliases.Add((buffer, sum));
            target = Into(new View(buffer, sum.DType, sum.Shape));
            break;
        }
        MarkHandedOut(index);
        gradient = target;
        return true;
    }

    /// <summary>Adds what went to memory of its own, and checks that every wanted gradient was taken.</summary>
    public void End(Node node)
    {
        foreach ((Buffer buffer, View sum) in _aliases)
        {
            node.Graph.Backend.Copy(new View(buffer, sum.DType, sum.Shape), AddTo(sum));
            buffer.Return();
        }
        _aliases.Clear();
        if (_handed == _wanted) return;
        int missing = System.Numerics.BitOperations.TrailingZeroCount(_wanted & ~_handed);
        throw new OpContractException($"The gradient rule of {node} left out operand {node.Op!.OperandName(missing)}.",
            $"call Wants({missing}, ...) and write it, or declare NotDifferentiable({missing}) in Infer");
    }

    /// <summary>After a rule failed: gives back memory of its own, which nobody will add.</summary>
    public void Abandon()
    {
        foreach ((Buffer buffer, _) in _aliases) buffer.Return();
        _aliases.Clear();
    }

    private static bool ShareGradient(Value a, Value b) =>
        a == b || (a.Node.Accumulates is { } parameter && parameter == b.Node.Accumulates);

    private static Destination Target(Node node, int index) => node.OperandSpan[index].Node.Accumulates is { } parameter
        ? parameter.NextContribution()
        : node.Graph.NextContribution(node, index);
}
