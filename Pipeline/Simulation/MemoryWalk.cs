namespace AutogradCore.Pipeline;

/// <summary>The bytes one rank holds while it goes through its list: a matter of order, not of time.</summary>
internal struct MemoryWalk
{
    private readonly StageCosts _costs;

    /// <summary>Starts with what the stages hold all the time.</summary>
    internal MemoryWalk(StageCosts costs, IEnumerable<int> stages)
    {
        _costs = costs;
        foreach (var stage in stages)
            Held += costs.Memory[stage].Parameters;
        Peak = Held;
    }

    internal long Held { get; private set; }

    internal long Peak { get; private set; }

    /// <summary>What F keeps of a microbatch.</summary>
    internal static long Kept(StageCosts costs, int stage) =>
        costs.Recompute[stage] ? costs.Memory[stage].Input : costs.Memory[stage].AfterForward;

    /// <summary>What an action leaves behind, more or less than before.</summary>
    internal static long Change(StageCosts costs, Action action) => action.Kind switch
    {
        ActionKind.Forward => Kept(costs, action.Stage),
        ActionKind.BackwardInputs => costs.Memory[action.Stage].AfterInputs - Kept(costs, action.Stage),
        ActionKind.BackwardWeights => -costs.Memory[action.Stage].AfterInputs,
        ActionKind.Backward => -Kept(costs, action.Stage),
        _ => 0,
    };

    /// <summary>What an action needs at its worst moment, beyond what was held before.</summary>
    internal static long Need(StageCosts costs, Action action)
    {
        // The state that F runs again to make lives until I is done.
        var again = action.Kind is ActionKind.BackwardInputs or ActionKind.Backward && costs.Recompute[action.Stage]
            ? costs.Memory[action.Stage].AfterForward - costs.Memory[action.Stage].Input
            : 0;
        return Math.Max(0, Math.Max(again, Change(costs, action)));
    }

    /// <summary>Runs one action and answers what is held after it.</summary>
    internal long Run(Action action)
    {
        Peak = Math.Max(Peak, Held + Need(_costs, action));
        return Held += Change(_costs, action);
    }
}
