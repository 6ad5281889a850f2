namespace AutogradCore;

/// <content>
/// What need not be kept for the backward pass: the output of a cheap op is computed anew when the one product whose gradient
/// rule reads it runs, from the operand that the op's own rule keeps. So are rounded weights, from their parameters: else each
/// microbatch under way would hold its own.
/// </content>
public sealed partial class Graph
{
    /// <summary>Finds the outputs that are computed anew. Runs when all uses are counted.</summary>
    private void PlanCheap()
    {
        HashSet<Storage> held = [.. _planHolds.Select(v => v.Slot.Storage)];
        foreach (Node node in _order)
        {
            if (node is { IsRoundedParameter: true, Slots: [{ Storage: var rounded }] } && !held.Contains(rounded)
                && OnlyReader(rounded, out bool late) is { Op: IProduct } product)
                product.ReadAnew(node, late);
            if (node is not { Op.IsCheap: true, DependsOnData: true, Slots: [{ Storage: var output }], Extras: [] }) continue;
            Storage operand = node.OperandSpan[0].Slot.Storage;
            if (operand.External || operand.Bytes > output.Bytes || held.Contains(output)) continue;
            if (!node.InputReads.Contains(operand) || node.CheapForInputs.Length > 0) continue;
            if (OnlyReader(output, out bool weights) is { Op: IProduct } reader) reader.ReadAnew(node, weights);
        }
    }

    /// <summary>The node of which the rules of one phase read a memory, if no other rules do.</summary>
    private Node? OnlyReader(Storage storage, out bool weights)
    {
        Node? reader = null;
        weights = storage.ReadByWeightRules;
        if (storage.ReadByInputRules == weights) return null;
        foreach (Node node in _order)
        {
            if (!(weights ? node.WeightReads : node.InputReads).Contains(storage)) continue;
            if (reader is not null) return null;
            reader = node;
        }
        return reader;
    }

    private void ComputeCheap(Node[] nodes)
    {
        foreach (Node node in nodes)
        {
            RentOutputs(node);
            node.Op!.Forward(new ForwardContext(node));
        }
    }

    private void FreeCheap(Node[] nodes)
    {
        foreach (Node node in nodes) Free(node.Slots[0].Storage);
    }
}
