namespace AutogradCore;

public sealed partial class Graph
{
    private readonly List<Deferred> _deferred = [];
    private int _nextDeferred;

    /// <summary>The weight work that waits, in the order in which it will run.</summary>
    public IEnumerable<Deferred> Deferred => Phase == GraphPhase.InputsDone
        ? _deferred.Skip(_nextDeferred).Where(d => d.Node.IsDeferred)
        : [];

    /// <summary>The second half of the backward pass (W): evaluates the deferred rules,
    /// then walks weight-side nodes down to the parameters.</summary>
    /// <exception cref="PhaseException">I has not run, or W has run already.</exception>
    public void BackwardWeights()
    {
        RequirePhase(GraphPhase.InputsDone, "BackwardWeights");
        while (RunNextDeferred())
        {
        }
    }

    /// <summary>Runs one piece of the deferred work, so that a runtime can fill a wait with some of it; the last call also walks
    /// the weight-side nodes.</summary>
    /// <returns>Whether more is left.</returns>
    public bool RunNextDeferred()
    {
        RequirePhase(GraphPhase.InputsDone, "RunNextDeferred");
        while (_nextDeferred < _deferred.Count)
        {
            Node node = _deferred[_nextDeferred++].Node;
            if (!node.IsDeferred) continue;
            RunRules(node, node.WeightRules, "W");
            Complete(node);
            if (_nextDeferred < _deferred.Count) return true;
        }
        WalkWeightSide();
        return false;
    }

    /// <summary>
    /// W for several microbatches at once: one graph each, of the same model, in the order in which gradients shall accumulate.
    /// Where a parameter is used once per graph, one kernel call accumulates over the microbatches;
    /// the bits are those of one <see cref="BackwardWeights()"/> after another.
    /// </summary>
    /// <exception cref="PhaseException">I has not run on one of them.</exception>
    public static void BackwardWeights(params ReadOnlySpan<Graph> microbatches)
    {
        for (int i = 0; i < microbatches.Length; i++)
        {
            microbatches[i].RequirePhase(GraphPhase.InputsDone, "BackwardWeights");
            if (microbatches[..i].Contains(microbatches[i]))
                throw new GraphException(
                    $"Graph {i} was given twice to one BackwardWeights call.", "give each microbatch's graph once");
        }
        if (microbatches.Length > 1)
            for (int i = 0; i < microbatches[0]._deferred.Count; i++) RunAcross(microbatches, i);
        foreach (Graph graph in microbatches) graph.BackwardWeights();
    }

    /// <summary>Runs deferred piece <paramref name="index"/> of all graphs in one call if that cannot
    /// change an order of accumulation.</summary>
    private static void RunAcross(ReadOnlySpan<Graph> graphs, int index)
    {
        Node first = graphs[0]._deferred[index].Node;
        if (!OwnsItsParameters(first)) return;
        foreach (Graph graph in graphs)
            if (index >= graph._deferred.Count || !CanJoin(first, graph._deferred[index].Node)) return;
        try
        {
            RunJoined(graphs, index);
        }
        catch
        {
            foreach (Graph graph in graphs) graph.GiveUp();
            throw;
        }
    }

    private static void RunJoined(ReadOnlySpan<Graph> graphs, int index)
    {
        GradientContext[] contexts = System.Buffers.ArrayPool<GradientContext>.Shared.Rent(graphs.Length);
        for (int i = 0; i < graphs.Length; i++)
        {
            Node node = graphs[i]._deferred[index].Node;
            RequireUnchanged(node);
            foreach (Node anew in node.CheapForWeights) RequireUnchanged(anew);
            graphs[i].ComputeCheap(node.CheapForWeights);
            graphs[i]._run.Begin(node, node.WeightRules);
            contexts[i] = new GradientContext(node, graphs[i]._run);
        }
        contexts[0].Op.GradientSum(new GradientBatch(contexts.AsSpan(0, graphs.Length)));
        System.Buffers.ArrayPool<GradientContext>.Shared.Return(contexts, clearArray: true);
        foreach (Graph graph in graphs)
        {
            Node node = graph._deferred[index].Node;
            graph._run.End(node);
            graph.FreeCheap(node.CheapForWeights);
            if (graph.DetectAnomaly) graph.RequireFiniteGradients(node, node.WeightRules, "W");
            graph.Complete(node);
        }
    }

    /// <summary>Every weight operand is a parameter, or a rounded one, that no other node of the graph, and no seed, contributes
    /// to.</summary>
    private static bool OwnsItsParameters(Node node)
    {
        for (int i = 0; i < node.Operands.Count; i++)
        {
            if ((node.WeightRules >> i & 1) == 0) continue;
            Node operand = node.OperandSpan[i].Node;
            if (operand.Accumulates is null || operand.Readers != 1 || operand.HasGradient) return false;
            if (operand.Parameter is not null) continue;
            if (operand.OperandSpan[0].Node is { Readers: not 1 } or { HasGradient: true }) return false;
        }
        return true;
    }

    private static bool CanJoin(Node first, Node node)
    {
        if (!node.IsDeferred || node.WeightRules != first.WeightRules || node.Op!.GetType() != first.Op!.GetType()) return false;
        if (node.Operands.Count != first.Operands.Count || !OwnsItsParameters(node)) return false;
        for (int i = 0; i < node.Operands.Count; i++)
            if ((node.WeightRules >> i & 1) != 0 && node.OperandSpan[i].Node.Accumulates != first.OperandSpan[i].Node.Accumulates)
                return false;
        return true;
    }

    private void Complete(Node node)
    {
        node.IsDeferred = false;
        Finish(node);
    }

    private void WalkWeightSide()
    {
        for (int i = _order.Length - 1; i >= 0; i--)
        {
            Node node = _order[i];
            if (node.DependsOnData || node.Kind != NodeKind.Operation) continue;
            if (node.HasGradient && node.WeightRules != 0) RunRules(node, node.WeightRules, "W");
            Finish(node);
        }
        foreach (Node node in _order)
        {
            if (node.Kind == NodeKind.Operation) continue;
            Slot slot = node.Slots[0];
            if (node.Parameter is { } seeded && slot.GradientBuffer is not null)
                Backend.Copy(slot.Gradient, seeded.NextContribution());
            if (!slot.KeepsGradient || slot.GradientReleased) FreeGradient(slot);
        }
        Phase = GraphPhase.WeightsDone;
    }
}
