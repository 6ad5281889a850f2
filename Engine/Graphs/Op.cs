namespace AutogradCore;

/// <summary>
/// An operation: what it computes, and for each operand the gradient and what that gradient reads. It knows formulas and nothing
/// of phases: the graph decides which operands are asked for in <see cref="Graph.BackwardInputs()"/> and which are deferred to
/// <see cref="Graph.BackwardWeights()"/>, so every op is split without doing anything for it.
/// </summary>
/// <remarks>Ops are immutable and may be shared between graphs and threads.</remarks>
public abstract class Op
{
    /// <summary>The name in messages and reports.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>Whether output 0 is operand 0's memory under another shape; <see cref="Forward"/> is then never called.</summary>
    public virtual bool IsView => false;

    /// <summary>The letter of operand <paramref name="index"/> in this op's formula, for messages.</summary>
    public virtual string OperandName(int index) => ((char)('a' + index)).ToString();

    /// <summary>Checks operands and declares outputs and saved extras; runs once, when the op is recorded.</summary>
    public abstract void Infer(Signature signature);

    /// <summary>Computes all outputs and saved extras from the operands.</summary>
    public virtual void Forward(in ForwardContext c) =>
        throw new OpContractException($"{Name} has no forward rule.", "override Forward, or make it a view");

    /// <summary>What the gradient with respect to operand <paramref name="operand"/> reads.</summary>
    public virtual Reads Reads(int operand) => AutogradCore.Reads.Nothing;

    /// <summary>Computes the gradient of every operand that <see cref="GradientContext.Wants"/> asks for,
    /// into or added to what it hands out.</summary>
    public virtual void Gradient(in GradientContext c) => throw new OpContractException($"{Name} has no gradient rule.",
        "override Gradient, or declare its operands NotDifferentiable in Infer");

    /// <summary>
    /// Whether the gradient of operand <paramref name="operand"/> is the output's, element for element, whenever they are equally
    /// many: the graph may then hand the memory of one on as the other instead of asking <see cref="Gradient"/> for a copy.
    /// </summary>
    public virtual bool PassesGradient(int operand) => false;

    /// <summary>
    /// Whether the gradient of operand <paramref name="operand"/> may be written over the operand itself: the rule reads every
    /// element of it before it writes the same element of the gradient. The graph then hands out one memory for both where no
    /// other reader is left.
    /// </summary>
    public virtual bool OverwritesOperand(int operand) => false;

    /// <summary>
    /// Whether the only output is so cheap a function of operand 0 that a matrix product which reads it in a gradient rule may
    /// have it computed anew instead of kept, where the operand is kept in any case.
    /// </summary>
    public virtual bool IsCheap => false;

    /// <summary>
    /// The same rule for several microbatches, in order: the results must be the same bits as one <see cref="Gradient"/> after
    /// another. Overridden where one kernel call can accumulate over the microbatches.
    /// </summary>
    public virtual void GradientSum(in GradientBatch microbatches)
    {
        for (int i = 0; i < microbatches.Count; i++) microbatches[i].Op.Gradient(microbatches[i]);
    }

    /// <summary>Floating-point operations of the gradient with respect to one operand:
    /// an estimate that schedulers weigh.</summary>
    public virtual long GradientCost(Node node, int operand) => 2L * node.Operands[operand].Shape.ElementCount;

    /// <summary>Records this op on the graph of its operands and returns its first output.</summary>
    public Value Apply(params ReadOnlySpan<Value> operands) => Node.Record(this, operands).Output(0);

    /// <summary>Records this op and returns all its outputs.</summary>
    public Value[] ApplyAll(params ReadOnlySpan<Value> operands)
    {
        Node node = Node.Record(this, operands);
        Value[] outputs = new Value[node.OutputCount];
        for (int i = 0; i < outputs.Length; i++) outputs[i] = node.Output(i);
        return outputs;
    }
}
