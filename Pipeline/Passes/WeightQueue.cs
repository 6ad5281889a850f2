namespace AutogradCore.Pipeline;

/// <summary>The W a rank owes, handed out oldest first, and those of one stage in ascending microbatch order.</summary>
/// <remarks>That order makes the accumulated gradients the same bits under every placement.</remarks>
internal sealed class WeightQueue(int microbatches)
{
    private readonly Dictionary<int, StageDebt> _debts = [];
    private readonly Queue<Action> _ready = new();

    /// <summary>How many I have run whose W has not been taken.</summary>
    internal int Pending { get; private set; }

    /// <summary>Records that I has run; its W becomes ready once those of all earlier microbatches of the stage are.</summary>
    internal void Owe(Action inputs)
    {
        if (!_debts.TryGetValue(inputs.Stage, out var debt))
            _debts[inputs.Stage] = debt = new(new bool[microbatches]);
        debt.Ran[inputs.Microbatch] = true;
        for (; debt.Next < microbatches && debt.Ran[debt.Next]; debt.Next++)
            _ready.Enqueue(new(inputs.Stage, ActionKind.BackwardWeights, debt.Next));
        Pending++;
    }

    /// <summary>The oldest W that is ready, if any.</summary>
    internal bool TryPeek(out Action weights) => _ready.TryPeek(out weights);

    /// <summary>Takes the oldest W that is ready, if any.</summary>
    internal bool TryTake(out Action weights)
    {
        if (!_ready.TryDequeue(out weights))
            return false;
        Pending--;
        return true;
    }

    /// <summary>Takes all that are ready, stage by stage, so that a runtime can fuse them.</summary>
    internal List<Action> TakeAll()
    {
        var all = _ready.OrderBy(w => w.Stage).ToList();
        _ready.Clear();
        Pending -= all.Count;
        return all;
    }

    private sealed class StageDebt(bool[] ran)
    {
        internal bool[] Ran { get; } = ran;

        internal int Next { get; set; }
    }
}
