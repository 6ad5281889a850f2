namespace AutogradCore;

public sealed partial class Graph
{
    private readonly HashSet<Storage> _planStorages = [];
    private readonly List<Value> _planHolds = [];
    private readonly HashSet<Value> _held = [];
    private Node[] _order = [];
    private Value[] _outputs = [];
    private bool _planned;

    /// <summary>Finds what the outputs need, who reads which memory in which phase, and which values are held.
    /// A repeated plan costs a walk over counters.</summary>
    private void Plan(ReadOnlySpan<Value> outputs)
    {
        if (!_planned || !outputs.SequenceEqual(_outputs) || TrainabilityChanged()) PlanAnew(outputs);
        foreach (Storage storage in _planStorages) storage.Pending = storage.Uses;
        foreach (Value value in _planHolds) _held.Add(value);
        foreach (Node node in _nodes)
            if (node is { Fed: true, Planned: false })
            {
                Free(node.Slots[0].Storage);
                node.Fed = false;
            }
    }

    private void PlanAnew(ReadOnlySpan<Value> outputs)
    {
        _outputs = outputs.ToArray();
        _planStorages.Clear();
        _deferred.Clear();
        foreach (Node node in _nodes)
        {
            node.PlanGradient();
            foreach (Slot slot in node.Slots) slot.Storage.ClearPlan();
            foreach (Slot slot in node.Extras) slot.Storage.ClearPlan();
        }
        PlanHolds();
        PlanOrder();
        foreach (Node node in _order)
        {
            if (node.Kind == NodeKind.Operation) node.PlanReads();
            foreach (Slot slot in node.Slots.Concat(node.Extras))
                if (!slot.Storage.External) _planStorages.Add(slot.Storage);
        }
        foreach (Value value in _planHolds) value.Slot.Storage.Uses++;
        PlanCheap();
        PlanFusion();
        for (int i = _order.Length - 1; i >= 0; i--)
            if (_order[i] is { DependsOnData: true, WeightRules: not 0 }) _deferred.Add(new Deferred(_order[i]));
        _planned = true;
    }

    /// <summary>The values held until the next step: outputs, or every result that nothing reads when no output is named,
    /// and what users keep.</summary>
    private void PlanHolds()
    {
        HashSet<Value> holds = [.. _kept];
        foreach (Value output in _outputs)
        {
            Own(output);
            holds.Add(output);
        }
        if (_outputs.Length == 0)
        {
            HashSet<Value> read = [.. _nodes.SelectMany(n => n.Operands)];
            foreach (Node node in _nodes)
                for (int i = 0; node.Kind == NodeKind.Operation && i < node.OutputCount; i++)
                    if (!read.Contains(node.Output(i))) holds.Add(node.Output(i));
        }
        _planHolds.Clear();
        _planHolds.AddRange(holds);
    }

    /// <summary>The nodes to compute: all, or what the held values need.</summary>
    private void PlanOrder()
    {
        bool all = _outputs.Length == 0;
        foreach (Node node in _nodes) node.Planned = all;
        foreach (Value value in _planHolds) value.Node.Planned = true;
        for (int i = _nodes.Count - 1; i >= 0; i--)
            if (_nodes[i].Planned)
                foreach (Value operand in _nodes[i].OperandSpan) operand.Node.Planned = true;
        _order = [.. _nodes.Where(n => n.Planned)];
    }

    private bool TrainabilityChanged()
    {
        foreach ((Parameter parameter, Node node) in _parameters)
            if (parameter.Trainable != node.RequiresGradient) return true;
        return false;
    }
}
