namespace AutogradCore.Pipeline;

/// <summary>The W a rank owes, handed out oldest first, and those of one stage in ascending microbatch order.</summary>
/// <remarks>That order makes the accumulated gradients the same bits under every placement.</remarks>
internal sealed class WeightQueue(int microbatches)
{
    private readonly Dictionary<int, StageDebt> _debts = [];
    private readonly LinkedList<Action> _ready = [];

    /// <summary>How many I have run whose W has not been taken.</summary>
    internal int Pending { get; private set; }

    /// <summary>Records that I has run; its W becomes ready once those of all earlier microbatches of the stage are.</summary>
    internal void Owe(Action inputs)
    {
        if (!_debts.TryGetValue(inputs.Stage, out var debt))
            _debts[inputs.Stage] = debt = new(new bool[microbatches]);
        debt.Ran[inputs.Microbatch] = true;
        for (; debt.Next < microbatches && debt.Ran[debt.Next]; debt.Next++)
            _ready.AddLast(new Action(inputs.Stage, ActionKind.BackwardWeights, debt.Next));
        Pending++;
    }

    /// <summary>The oldest W that is ready, if any.</summary>
    internal bool TryPeek(out Action weights)
    {
        weights = _ready.First?.Value ?? default;
        return _ready.Count > 0;
    }

    /// <summary>Takes the oldest W that is ready, if any.</summary>
    internal bool TryTake(out Action weights)
    {
        if (!TryPeek(out weights))
            return false;
        _ready.RemoveFirst();
        Pending--;
        return true;
    }

    /// <summary>Takes all that are ready, stage by stage, so that a runtime can fuse them.</summary>
    internal List<Action> TakeAll() => Take(_ => true);

    /// <summary>Takes all of one stage that are ready: an update or a sum of its gradients is next.</summary>
    internal List<Action> TakeAll(int stage) => Take(w => w.Stage == stage);

    /// <summary>Puts those of one stage first; false when none of them is ready.</summary>
    internal bool BringForward(int stage)
    {
        var mine = _ready.Where(w => w.Stage == stage).ToList();
        for (var i = mine.Count - 1; i >= 0; i--)
        {
            _ready.Remove(mine[i]);
            _ready.AddFirst(mine[i]);
        }
        return mine.Count > 0;
    }

    private List<Action> Take(Func<Action, bool> isWanted)
    {
        var taken = new List<Action>();
        for (var node = _ready.First; node is not null;)
        {
            var next = node.Next;
            if (isWanted(node.Value))
            {
                taken.Add(node.Value);
                _ready.Remove(node);
            }
            node = next;
        }
        Pending -= taken.Count;
        return [.. taken.OrderBy(w => w.Stage)];
    }

    private sealed class StageDebt(bool[] ran)
    {
        internal bool[] Ran { get; } = ran;

        internal int Next { get; set; }
    }
}
