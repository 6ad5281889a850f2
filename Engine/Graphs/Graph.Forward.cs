namespace AutogradCore;

public sealed partial class Graph
{
    private readonly List<Storage> _released = [];
    private readonly HashSet<Storage> _planStorages = [];
    private Node[] _order = [];
    private Value[] _outputs = [];
    private bool _planned;

    /// <summary>
    /// Computes the recorded operations (F). With outputs named, only what they need is computed, and they are held; without, all of
    /// it, and every value that nothing reads is held. Afterwards exactly the declared reads of the gradient rules remain.
    /// </summary>
    /// <exception cref="PhaseException">A placeholder was not fed.</exception>
    public void Forward(params ReadOnlySpan<Value> outputs)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Phase != GraphPhase.Ready) EndStep();
        Plan(outputs);
        StepRandom = Random;
        try
        {
            foreach (Node node in _order) Compute(node);
        }
        catch
        {
            EndStep();
            throw;
        }
        Phase = GraphPhase.Forwarded;
    }

    private void Compute(Node node)
    {
        switch (node.Kind)
        {
            case NodeKind.Parameter:
                node.Slots[0].Storage.Buffer = node.Parameter!.Data.View.Buffer;
                return;
            case NodeKind.Input or NodeKind.Constant when node.Source is not null:
                node.Slots[0].Storage.Buffer = node.Source.View.Buffer;
                return;
            case NodeKind.Input:
                if (!node.Fed) throw new PhaseException($"Input '{node.Name}' of {node.Slots[0].Shape} was not fed.", "call Feed before every Forward");
                node.Fed = false;
                break;
            default:
                if (!node.Op!.IsView)
                {
                    foreach (Slot slot in node.Slots) slot.Storage.Buffer = Rent(slot.Storage.Bytes);
                    foreach (Slot slot in node.Extras) slot.Storage.Buffer = Rent(slot.Storage.Bytes);
                    node.Op.Forward(new ForwardContext(node));
                }
                if (DetectAnomaly) RequireFinite(node, node.Slots, "F");
                foreach (Value operand in node.OperandSpan) Consume(operand.Slot.Storage);
                foreach (Slot slot in node.Extras) FreeIfUnused(slot.Storage);
                break;
        }
        foreach (Slot slot in node.Slots) FreeIfUnused(slot.Storage);
    }

    /// <summary>Finds what the outputs need, and who reads which memory in which phase.</summary>
    private void Plan(ReadOnlySpan<Value> outputs)
    {
        if (_planned && outputs.SequenceEqual(_outputs) && !TrainabilityChanged())
        {
            foreach (Storage storage in _planStorages) storage.Pending = storage.Uses;
            return;
        }
        _outputs = outputs.ToArray();
        _planStorages.Clear();
        _deferred.Clear();
        foreach (Node node in _nodes)
        {
            node.PlanGradient();
            node.Readers = 0;
            foreach (Slot slot in node.Slots) slot.Storage.ClearPlan();
            foreach (Slot slot in node.Extras) slot.Storage.ClearPlan();
        }
        bool[] needed = Needed();
        foreach (Node node in _nodes) node.Planned = needed[node.Index];
        _order = [.. _nodes.Where(n => n.Planned)];
        foreach (Node node in _order)
        {
            if (node.Kind == NodeKind.Operation) node.PlanReads();
            foreach (Slot slot in node.Slots.Concat(node.Extras))
                if (!slot.Storage.External) _planStorages.Add(slot.Storage);
        }
        foreach (Storage storage in _planStorages)
        {
            if (storage.Kept) storage.Uses++;
            storage.Pending = storage.Uses;
        }
        for (int i = _order.Length - 1; i >= 0; i--)
            if (_order[i] is { DependsOnData: true, WeightRules: not 0 }) _deferred.Add(new Deferred(_order[i]));
        _planned = true;
    }

    private bool[] Needed()
    {
        bool[] needed = new bool[_nodes.Count];
        if (_outputs.Length == 0)
        {
            Array.Fill(needed, true);
            HashSet<Value> read = [.. _nodes.SelectMany(n => n.Operands)];
            foreach (Node node in _nodes)
                for (int i = 0; i < node.OutputCount; i++)
                    if (node.Kind == NodeKind.Operation && !read.Contains(node.Output(i))) node.Slots[i].Storage.IsOutput = true;
            return needed;
        }
        foreach (Value output in _outputs)
        {
            Own(output);
            output.Slot.Storage.IsOutput = true;
            needed[output.Node.Index] = true;
        }
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            bool keeps = _nodes[i].Kind == NodeKind.Operation && _nodes[i].Slots.Any(s => s.Storage.Kept);
            if (!(needed[i] |= keeps)) continue;
            foreach (Value operand in _nodes[i].OperandSpan) needed[operand.Node.Index] = true;
        }
        return needed;
    }

    private bool TrainabilityChanged()
    {
        foreach ((Parameter parameter, Node node) in _parameters)
            if (parameter.Trainable != node.RequiresGradient) return true;
        return false;
    }

    /// <summary>Gives up whatever the step still holds.</summary>
    private void EndStep()
    {
        foreach (Node node in _nodes)
        {
            foreach (Slot slot in node.Slots)
            {
                if (slot.Storage.External) slot.Storage.Buffer = null;
                else Free(slot.Storage);
                FreeGradient(slot);
            }
            foreach (Slot slot in node.Extras) Free(slot.Storage);
            node.IsDeferred = node.Fed = false;
        }
        _seeded.Clear();
        _released.Clear();
        _nextDeferred = 0;
        Phase = GraphPhase.Ready;
    }

    private void Consume(Storage storage)
    {
        if (storage.External) return;
        storage.Pending--;
        FreeIfUnused(storage);
    }

    private void FreeIfUnused(Storage storage)
    {
        if (storage is { Pending: 0, External: false }) Free(storage);
    }

    private void Free(Storage storage)
    {
        if (storage.External || storage.Buffer is null) return;
        Return(storage.Buffer);
        storage.Buffer = null;
    }

    private void FreeGradient(Slot slot)
    {
        if (slot.GradientBuffer is null) return;
        Return(slot.GradientBuffer);
        slot.GradientBuffer = null;
    }

    private Buffer Rent(long bytes)
    {
        HeldBytes += bytes;
        return Backend.Memory.Rent(bytes);
    }

    private void Return(Buffer buffer)
    {
        HeldBytes -= buffer.Bytes;
        if (PoisonFreed) Backend.Fill(new View(buffer, DType.Bool, [(int)buffer.Bytes]), 255); // every float of 0xFF bytes is a NaN
        buffer.Return();
    }

    private void RequireFinite(Node node, ReadOnlySpan<Slot> slots, string phase)
    {
        foreach (Slot slot in slots)
            if (slot.DType.IsFloating() && !Backend.IsFinite(slot.View))
                throw new AnomalyException($"{node} produced NaN or infinity in {phase} (node {node.Index}).",
                    "look at its operands: a learning rate too high, a log or division of zero, an overflowing exp");
    }
}
