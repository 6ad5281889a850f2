namespace AutogradCore;

/// <summary>A piece of weight-gradient work that <see cref="Graph.BackwardInputs()"/> left for later:
/// one node and its output gradient.</summary>
public sealed class Deferred
{
    internal Deferred(Node node)
    {
        Node = node;
        List<Parameter> parameters = [];
        for (int i = 0; i < node.Operands.Count; i++)
        {
            if ((node.WeightRules >> i & 1) == 0) continue;
            Cost += node.Op!.GradientCost(node, i);
            if (node.OperandSpan[i].Node.Parameter is { } parameter) parameters.Add(parameter);
        }
        Parameters = parameters;
    }

    /// <summary>The node whose weight rules wait.</summary>
    public Node Node { get; }

    /// <summary>The parameters it contributes to directly.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Estimated floating-point operations.</summary>
    public long Cost { get; }

    /// <summary>Bytes of the output gradient and the activations it reads;
    /// an activation that several pieces read counts in each.</summary>
    public long Bytes
        => Node.WeightReads.Sum(s => s.Bytes) + Node.Slots.Where(s => s.GradientBuffer is not null).Sum(s => s.Bytes);

    /// <summary>Node, cost and bytes.</summary>
    public override string ToString() => $"{Node}: {Cost:N0} flop, {Bytes:N0} bytes";
}
