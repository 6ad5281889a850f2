namespace AutogradCore;

public sealed partial class Graph
{
    /// <summary>Bytes of memory the graph holds at this moment: activations, saved extras and gradients;
    /// not parameters, nor tensors of users.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>
    /// Bytes that the ops' declarations say are held when <paramref name="phase"/> has just been reached, computed without
    /// running anything: must equal <see cref="HeldBytes"/> then.
    /// </summary>
    /// <param name="phase">The phase reached.</param>
    /// <param name="roots">The outputs that are differentiated; those seeded, or named to Forward, when left out.</param>
    public long DeclaredBytes(GraphPhase phase, params ReadOnlySpan<Value> roots)
    {
        if (!_planned && Phase == GraphPhase.Ready) PlanAnew(_outputs);
        HashSet<Storage> held = [];
        if (phase == GraphPhase.Ready) return 0;
        foreach (Value value in Phase == GraphPhase.Ready ? _planHolds : (IEnumerable<Value>)_held)
            if (!value.Slot.Storage.External) held.Add(value.Slot.Storage);
        foreach (Storage storage in _planStorages)
            if (phase == GraphPhase.Forwarded && (storage.ReadByInputRules || storage.ReadByWeightRules)) held.Add(storage);
        long gradients = 0;
        if (phase is GraphPhase.InputsDone or GraphPhase.WeightsDone)
            gradients = WalkDeclarations(phase, roots.IsEmpty ? DefaultRoots() : roots, held);
        return held.Sum(s => s.Bytes) + gradients;
    }

    /// <summary>Follows where gradients go, collecting what weight rules hold;
    /// returns the bytes of gradients that stay.</summary>
    private long WalkDeclarations(GraphPhase phase, ReadOnlySpan<Value> roots, HashSet<Storage> held)
    {
        HashSet<Slot> reached = [];
        foreach (Value root in roots) reached.Add(root.Slot);
        bool weights = phase == GraphPhase.WeightsDone;
        long gradients = 0;
        for (int i = _order.Length - 1; i >= 0; i--)
        {
            Node node = _order[i];
            bool hasGradient = node.Slots.Any(reached.Contains);
            if (hasGradient && node.Kind == NodeKind.Operation && (weights || node.DependsOnData))
                Reach(node, weights ? node.InputRules | node.WeightRules : node.InputRules, reached);
            bool waits = !weights && (node.Kind == NodeKind.Parameter
                || (node.Kind == NodeKind.Operation && (!node.DependsOnData || (hasGradient && node.WeightRules != 0))));
            if (waits) held.UnionWith(node.WeightReads);
            foreach (Slot slot in node.Slots)
                if (reached.Contains(slot) && ((slot.KeepsGradient && !slot.GradientReleased) || waits))
                    gradients += slot.GradientBytes;
        }
        return gradients;
    }

    private static void Reach(Node node, ulong rules, HashSet<Slot> reached)
    {
        for (int i = 0; i < node.Operands.Count; i++)
            if ((rules >> i & 1) != 0 && node.OperandSpan[i].Node.Accumulates is null) reached.Add(node.OperandSpan[i].Slot);
    }

    private Value[] DefaultRoots() => _seeded.Count > 0
        ? [.. _seeded]
        : [.. _outputs.Where(o => o.Node.RequiresGradient && o.DType.IsFloating())];
}
