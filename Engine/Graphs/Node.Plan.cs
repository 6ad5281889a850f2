namespace AutogradCore;

/// <content>What a plan knows about a node: which rules run in which phase, and what they read.</content>
public sealed partial class Node
{
    /// <summary>Recomputes whether a gradient is required; operands come first in recording order.</summary>
    internal void PlanGradient()
    {
        (InputRules, WeightRules, IsDeferred, Readers) = (0, 0, false, 0);
        RequiresGradient = Kind switch
        {
            NodeKind.Parameter => Parameter!.Trainable,
            NodeKind.Input => Differentiable,
            _ => false,
        };
        for (int i = 0; i < _operands.Length; i++)
        {
            Value operand = _operands[i];
            if ((_differentiable >> i & 1) == 0 || !operand.DType.IsFloating() || !operand.Node.RequiresGradient) continue;
            RequiresGradient = true;
            if (operand.Node.DependsOnData) InputRules |= 1UL << i;
            else WeightRules |= 1UL << i;
        }
    }

    /// <summary>Resolves declared reads to memory and counts this node among the readers.</summary>
    internal void PlanReads()
    {
        foreach (Value operand in _operands)
        {
            operand.Slot.Storage.Uses++;
            operand.Node.Readers++;
        }
        CheapForInputs = CheapForWeights = [];
        InputReads = Resolve(InputRules);
        WeightReads = Resolve(WeightRules);
        foreach (Storage storage in InputReads)
        {
            storage.Uses++;
            storage.ReadByInputRules = true;
        }
        foreach (Storage storage in WeightReads)
        {
            storage.Uses++;
            storage.ReadByWeightRules = true;
        }
    }

    /// <summary>Lets one phase's rules read the operand of a cheap node, which is there in any case, and compute its output from
    /// that.</summary>
    internal void ReadAnew(Node cheap, bool weights)
    {
        Storage output = cheap.Slots[0].Storage, operand = cheap._operands[0].Slot.Storage;
        Storage[] reads = weights ? WeightReads : InputReads;
        if (!reads.Contains(operand)) operand.Uses++;
        if (weights) operand.ReadByWeightRules = true;
        (output.Uses, output.ReadByInputRules, output.ReadByWeightRules) = (output.Uses - 1, false, false);
        reads = [.. reads.Where(s => s != output).Append(operand).Where(s => !s.External).Distinct()];
        if (weights) (WeightReads, CheapForWeights) = (reads, [.. CheapForWeights, cheap]);
        else (InputReads, CheapForInputs) = (reads, [.. CheapForInputs, cheap]);
    }

    /// <summary>The union of what the rules of the operands in <paramref name="mask"/> declare.</summary>
    internal Reads ReadsOf(ulong mask)
    {
        Reads reads = Reads.Nothing;
        for (int i = 0; i < _operands.Length; i++)
            if ((mask >> i & 1) != 0) reads |= Op!.Reads(i);
        return reads;
    }

    private Storage[] Resolve(ulong mask)
    {
        if (mask == 0) return [];
        Reads reads = ReadsOf(mask);
        HashSet<Storage> storages = [];
        for (int i = 0; i < MaxOperands; i++)
        {
            if ((reads.Operands >> i & 1) != 0 && i < _operands.Length) storages.Add(_operands[i].Slot.Storage);
            if ((reads.Outputs >> i & 1) != 0 && i < Slots.Length) storages.Add(Slots[i].Storage);
            if ((reads.Extras >> i & 1) != 0 && i < Extras.Length) storages.Add(Extras[i].Storage);
        }
        storages.RemoveWhere(s => s.External);
        return [.. storages];
    }
}
