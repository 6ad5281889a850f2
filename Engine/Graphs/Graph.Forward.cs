namespace AutogradCore;

public sealed partial class Graph
{
    /// <summary>
    /// Computes the recorded operations (F). With outputs named, only what they need is computed, and they are held; without, all
    /// of it, and every value that nothing reads is held. Afterwards exactly the declared reads of the gradient rules remain.
    /// </summary>
    /// <exception cref="PhaseException">A placeholder was not fed, or weight work of the last step still waits.</exception>
    /// <exception cref="GraphException">A tensor was disposed, or a module's mode is not the recorded one.</exception>
    public void Forward(params ReadOnlySpan<Value> outputs)
    {
        RequireRecordedModes();
        BeginStep(nameof(Forward));
        Plan(outputs);
        PrepareRandom();
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
                Borrow(node, node.Parameter!.Data);
                return;
            case NodeKind.Input or NodeKind.Constant when node.Source is not null:
                Borrow(node, node.Source);
                return;
            case NodeKind.Input:
                if (!node.Fed)
                    throw new PhaseException(
                        $"Input '{node.Name}' of {node.Slots[0].Shape} was not fed.", "call Feed before every Forward");
                node.Fed = false;
                break;
            default:
                ComputeOperation(node);
                if (DetectAnomaly) RequireFinite(node, "F");
                foreach (Value operand in node.OperandSpan) Consume(operand.Slot.Storage);
                foreach (Slot slot in node.Extras) FreeIfUnused(slot.Storage);
                break;
        }
        foreach (Slot slot in node.Slots) FreeIfUnused(slot.Storage);
    }

    private void ComputeOperation(Node node)
    {
        // Looking for the op at fault, each op runs by itself.
        bool fuses = !DetectAnomaly;
        if (node.Op!.IsView || (fuses && node.FollowedOperand >= 0)) return;
        if (fuses && node.Follower is { } follower)
        {
            ComputeFused(node, follower);
            return;
        }
        RentOutputs(node);
        node.Op.Forward(new ForwardContext(node));
    }

    private void RentOutputs(Node node)
    {
        foreach (Slot slot in node.Slots) slot.Storage.Buffer = Rent(slot.Storage.Bytes);
        foreach (Slot slot in node.Extras) slot.Storage.Buffer = Rent(slot.Storage.Bytes);
    }

    /// <summary>Uses a user's memory for this step, and notes its version:
    /// changed or disposed under way, it would give wrong gradients.</summary>
    private static void Borrow(Node node, Tensor tensor)
    {
        if (tensor.IsDisposed)
            throw new GraphException($"The tensor of {node} was disposed before F could read it.",
                "keep tensors alive until the last step that reads them is over");
        Storage storage = node.Slots[0].Storage;
        (storage.Buffer, storage.Lender) = (tensor.View.Buffer, node);
        (node.Borrowed, node.BorrowedVersion) = (tensor, tensor.Version);
    }

    /// <summary>The one gate to a new step: ends the last one, unless weight work of it still waits.</summary>
    private void BeginStep(string call)
    {
        RequireAlive();
        if (Phase == GraphPhase.InputsDone && (Deferred.Any() || _seeded.Any(s => !s.Node.DependsOnData)))
            throw new PhaseException($"{call} would give up weight work that still waits.",
                "call BackwardWeights first, or Abandon the step if its parameter gradients are not wanted");
        if (Phase != GraphPhase.Ready) EndStep();
    }

    /// <summary>Whether a value that was not computed may be, by running forward (again):
    /// nothing but computed values would be lost.</summary>
    private bool MayRecompute(Value value) =>
        Phase == GraphPhase.Ready || (Phase == GraphPhase.Forwarded && _seeded.Count == 0 && !value.Node.Planned);

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
                slot.GradientReleased = false;
            }
            foreach (Slot slot in node.Extras) Free(slot.Storage);
            node.IsDeferred = node.Fed = false;
            node.Borrowed = null;
        }
        _seeded.Clear();
        _held.Clear();
        _nextDeferred = 0;
        _randomIsUsed |= Phase is GraphPhase.InputsDone or GraphPhase.WeightsDone;
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
        if (storage.External || storage.Buffer is not { } buffer) return;
        if (!storage.HandedOn) Return(buffer);
        storage.Buffer = null;
        storage.HandedOn = false;
    }

    private void FreeGradient(Slot slot)
    {
        if (slot.GradientBuffer is not { } buffer) return;
        Return(buffer);
        slot.GradientBuffer = null;
    }

    private Buffer Rent(long bytes)
    {
        Buffer buffer = Backend.Memory.RentBriefly(bytes);
        HeldBytes += bytes;
        return buffer;
    }

    private void Return(Buffer buffer)
    {
        HeldBytes -= buffer.Bytes;
        if (PoisonFreed) Poison(buffer);
        buffer.Return();
    }

    private void Poison(Buffer buffer)
    {
        if (buffer.Bytes % 4 == 0) Backend.Fill(new View(buffer, DType.Float32, [(int)(buffer.Bytes / 4)]), double.NaN);
        else if (buffer.Bytes % 2 == 0) Backend.Fill(new View(buffer, DType.BFloat16, [(int)(buffer.Bytes / 2)]), double.NaN);
        else Backend.Fill(new View(buffer, DType.Bool, [(int)buffer.Bytes]), 1);
    }
}
