using static AutogradCore.Destination;

namespace AutogradCore;

public sealed partial class Graph
{
    private readonly RuleRun _run = new();
    private readonly List<Value> _seeded = [];

    /// <summary>What the gradient rules read in their last run, for the check of declarations.</summary>
    internal Reads LastReads => _run.Seen;

    /// <summary>Sets the gradient of an output for the coming <see cref="BackwardInputs()"/>, copying it;
    /// several seeds of one value add up.</summary>
    /// <exception cref="ShapeMismatchException">The gradient's shape or element type is not the value's.</exception>
    /// <remarks>A seed that fails, such as one of memory that this backend cannot read, is not counted.</remarks>
    public void Seed(Value output, in View gradient)
    {
        RequireComputed(output, nameof(Seed));
        if (gradient.Shape != output.Shape || gradient.DType != output.Slot.GradientDType)
            throw new ShapeMismatchException(
                $"The seed of {output.Node} is {gradient}, but the value is {output.DType}{output.Shape}"
                + (output.Slot.GradientDType == output.DType ? "." : $" with a gradient in {output.Slot.GradientDType}."));
        bool isFirst = output.Slot.GradientBuffer is null;
        Destination target = NextContribution(output.Slot);
        try
        {
            Backend.Copy(gradient, target);
        }
        catch when (isFirst)
        {
            FreeGradient(output.Slot);
            throw;
        }
        CountSeed(output);
    }

    /// <summary>Sets the gradient of an output, every element the same.</summary>
    /// <exception cref="ModelException"><paramref name="gradient"/> is not finite.</exception>
    public void Seed(Value output, double gradient = 1)
    {
        Ranges.Finite("The seed of a backward pass", gradient);
        RequireComputed(output, nameof(Seed));
        FillSeed(output, gradient);
    }

    private void FillSeed(Value output, double gradient)
    {
        Destination target = NextContribution(output.Slot);
        if (!target.Accumulates) Backend.Fill(target.View, gradient);
        else
        {
            using Temporary constant = new(Backend, output.Shape, output.Slot.GradientDType);
            Backend.Fill(constant.View, gradient);
            Backend.Copy(constant.View, target);
        }
        CountSeed(output);
    }

    /// <summary>The first half of the backward pass (I) from a scalar whose gradient is 1.</summary>
    /// <exception cref="PhaseException">The value is not a scalar.</exception>
    public void BackwardInputs(Value loss)
    {
        SeedLoss(loss, nameof(BackwardInputs));
        BackwardInputs();
    }

    private void SeedLoss(Value loss, string call)
    {
        RequireScalar(loss);
        Own(loss);
        if (MayRecompute(loss) || (Phase == GraphPhase.WeightsDone && !loss.Node.Planned)) Forward(loss);
        RequireComputed(loss, call);
        FillSeed(loss, 1);
    }

    /// <summary>
    /// The first half of the backward pass (I): walks the input-side nodes in reverse from the seeded outputs and computes the
    /// gradients of input-side operands only. Parameter gradients are untouched;
    /// weight rules are deferred, and what they read stays held.
    /// </summary>
    /// <exception cref="PhaseException">F has not run, I has run already, or nothing was seeded.</exception>
    public void BackwardInputs() => WalkInputSide(defer: true);

    private void WalkInputSide(bool defer)
    {
        RequirePhase(GraphPhase.Forwarded, "BackwardInputs");
        if (_seeded.Count == 0)
            throw new PhaseException(
                "BackwardInputs has nothing to start from.", "name a scalar loss, or Seed the outputs first");
        for (int i = _order.Length - 1; i >= 0; i--)
        {
            Node node = _order[i];
            if (!node.DependsOnData || node.Kind != NodeKind.Operation) continue;
            bool reached = node.HasGradient;
            if (reached && node.InputRules != 0) RunInputRules(node);
            foreach (Storage storage in node.InputReads) Consume(storage);
            node.IsDeferred = defer && reached && node.WeightRules != 0;
            if (node.IsDeferred) continue;
            if (reached && node.WeightRules != 0) RunRules(node, node.WeightRules, "W");
            Finish(node);
        }
        _nextDeferred = 0;
        Phase = GraphPhase.InputsDone;
    }

    /// <summary>I and W in one from a scalar whose gradient is 1: the same bits as the two apart, in less memory.</summary>
    public void Backward(Value loss)
    {
        SeedLoss(loss, nameof(Backward));
        Backward();
    }

    /// <summary>I and W in one from the seeded outputs: each node's weight rules run right after its input rules, in the order in
    /// which W would run them, while what they read is at hand; then it is freed.</summary>
    public void Backward()
    {
        WalkInputSide(defer: false);
        BackwardWeights();
    }

    /// <summary>Where the next contribution to a gradient goes: the first overwrites, later ones accumulate.</summary>
    internal Destination NextContribution(Slot slot)
    {
        if (slot.GradientBuffer is not null) return AddTo(slot.Gradient);
        slot.GradientBuffer = Rent(slot.GradientBytes);
        return Into(slot.Gradient);
    }

    /// <summary>Where the next contribution to an operand's gradient goes: over the operand itself, if the rule can do that and
    /// is the last to read it.</summary>
    internal Destination NextContribution(Node node, int index)
    {
        Value operand = node.OperandSpan[index];
        Slot slot = operand.Slot;
        if (slot.GradientBuffer is null && node.Op!.OverwritesOperand(index) && IsLastReader(node, operand))
        {
            slot.Storage.HandedOn = true;
            slot.GradientBuffer = slot.Storage.Buffer;
            return Into(slot.Gradient);
        }
        return NextContribution(slot);
    }

    private static bool IsLastReader(Node node, Value operand)
    {
        Storage storage = operand.Slot.Storage;
        return storage is { External: false, Buffer: not null, Pending: 1 } && storage.Bytes == operand.Slot.GradientBytes
            && node.InputReads.Contains(storage) && node.OperandSpan.Count(operand) == 1;
    }

    /// <summary>Runs the rules, or hands the output gradient's memory on to one operand whose gradient it is,
    /// as nobody else needs it.</summary>
    private void RunInputRules(Node node)
    {
        int heir = Heir(node);
        ulong wanted = heir < 0 ? node.InputRules : node.InputRules & ~(1UL << heir);
        if (wanted != 0) RunRules(node, wanted, "I");
        if (heir < 0) return;
        node.OperandSpan[heir].Slot.GradientBuffer = node.Slots[0].GradientBuffer;
        node.Slots[0].GradientBuffer = null;
    }

    /// <summary>The operand that inherits the memory of the output gradient:
    /// its gradient is the same, and this its first contribution.</summary>
    private static int Heir(Node node)
    {
        if (node.Slots is not [{ KeepsGradient: false } slot] || node.WeightRules != 0) return -1;
        ReadOnlySpan<Value> operands = node.OperandSpan;
        for (int i = 0; i < operands.Length; i++)
            if ((node.InputRules >> i & 1) != 0 && node.Op!.PassesGradient(i) && operands.Count(operands[i]) == 1
                && operands[i].Slot is { GradientBuffer: null } heir && heir.GradientBytes == slot.GradientBytes)
                return i;
        return -1;
    }

    private void RunRules(Node node, ulong wanted, string phase)
    {
        try
        {
            RequireUnchanged(node);
            Node[] cheap = (wanted & node.WeightRules) != 0 ? node.CheapForWeights : node.CheapForInputs;
            foreach (Node anew in cheap) RequireUnchanged(anew);
            ComputeCheap(cheap);
            _run.Begin(node, wanted);
            node.Op!.Gradient(new GradientContext(node, _run));
            _run.End(node);
            FreeCheap(cheap);
            if (DetectAnomaly) RequireFiniteGradients(node, wanted, phase);
        }
        catch
        {
            GiveUp();
            throw;
        }
    }

    /// <summary>Memory that a rule may read must be what the forward rule saw.</summary>
    private static void RequireUnchanged(Node node)
    {
        foreach (Value operand in node.OperandSpan)
        {
            if (operand.Slot.Storage.Lender is not { Borrowed: { } tensor } leaf) continue;
            if (tensor.Version == leaf.BorrowedVersion) continue;
            throw new GraphException(
                $"{leaf} was {(tensor.IsDisposed ? "disposed" : "changed")} between F and the backward pass that still reads it.",
                "change tensors and parameters when all microbatches of a step are through W");
        }
    }

    /// <summary>A rule failed in the middle of a backward pass, which cannot be resumed: the step is over.</summary>
    private void GiveUp()
    {
        _run.Abandon();
        EndStep();
    }

    /// <summary>No rule of the node is left: frees what only they held.</summary>
    private void Finish(Node node)
    {
        foreach (Storage storage in node.WeightReads) Consume(storage);
        foreach (Slot slot in node.Slots)
            if (!slot.KeepsGradient || slot.GradientReleased) FreeGradient(slot);
    }

    private void CountSeed(Value output)
    {
        if (!_seeded.Contains(output)) _seeded.Add(output);
    }

    private void RequireComputed(Value output, string call)
    {
        Own(output);
        RequirePhase(GraphPhase.Forwarded, call);
        if (!output.DType.IsFloating()) throw new PhaseException($"{output.Node} is {output.DType} and has no gradient.");
        if (!output.Node.Planned)
            throw new PhaseException($"{output.Node} was not computed by the last Forward.", "name it as an output");
        if (!output.Node.RequiresGradient)
            throw new PhaseException($"{output.Node} does not depend on anything trainable.",
                "is every parameter frozen, or the input not marked differentiable?");
    }

    private void RequirePhase(GraphPhase phase, string call)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Phase == phase) return;
        throw new PhaseException($"{call} was called when the graph is {Phase}; it needs {phase}.", Phase switch
        {
            GraphPhase.Ready => "call Forward first",
            GraphPhase.Forwarded => "call BackwardInputs first",
            GraphPhase.InputsDone => "inputs are done already: BackwardWeights comes next, and Forward starts a new step",
            _ => "this step's backward pass is over: call Forward to start a new step",
        });
    }

    private static void RequireScalar(Value loss)
    {
        if (loss.Shape.ElementCount != 1)
            throw new PhaseException($"A backward pass without a seed needs a scalar, but {loss.Node} is {loss.Shape}.",
                "reduce it with Sum or Mean, or Seed it with a gradient of its shape");
        if (!loss.DType.IsFloating()) throw new PhaseException($"{loss.Node} is {loss.DType} and has no gradient.");
    }
}
