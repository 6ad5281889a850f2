namespace AutogradCore.Pipeline;

/// <summary>Whether a schedule with updates can run as it stands: plays its lists without data.</summary>
internal sealed class ContinuousRules
{
    private readonly Schedule _schedule;
    private readonly WeightPolicy _policy;
    private readonly int _microbatches, _batches;
    private readonly IReadOnlyList<SharedUse> _shared;
    private readonly HashSet<Action> _done = [];
    private readonly int[] _next, _through;

    private ContinuousRules(
        Schedule schedule, WeightPolicy policy, int microbatches, int batches, IReadOnlyList<SharedUse> shared)
    {
        (_schedule, _policy, _microbatches, _batches, _shared) = (schedule, policy, microbatches, batches, shared);
        (_next, _through) = (new int[schedule.Ranks], new int[schedule.Ranks]);
    }

    /// <summary>Returns when every list reaches its end.</summary>
    /// <exception cref="ScheduleException">It is no legal schedule, updates aside.</exception>
    /// <exception cref="PipelineException">One does not; says where each rank stops and what it needs.</exception>
    public static void Check(
        Schedule schedule, WeightPolicy policy, int microbatches, int batches, IReadOnlyList<SharedUse> shared)
    {
        ScheduleValidator.Check(schedule);
        for (int s = 0; s < schedule.Stages; s++)
            if (schedule.RankOf(s) != s || schedule.Ranks != schedule.Stages)
                throw new PipelineException($"{schedule}: without flushes stage s runs on rank s.");
        ContinuousRules rules = new(schedule, policy, microbatches, batches, shared);
        while (rules.Play())
        {
        }
        rules.RequireEnds();
    }

    /// <summary>How many microbatches of a stage are in flight at most, from the oldest to the newest.</summary>
    public static int Span(Schedule schedule, int stage)
    {
        int oldest = 0, span = 1;
        HashSet<int> done = [];
        foreach (Action action in schedule[stage])
        {
            if (action.Kind is ActionKind.Backward or ActionKind.BackwardWeights) done.Add(action.Microbatch);
            while (done.Remove(oldest)) oldest++;
            if (action.Kind == ActionKind.Forward) span = Math.Max(span, action.Microbatch - oldest + 1);
        }
        return span;
    }

    /// <summary>Every list as far as it goes.</summary>
    private bool Play()
    {
        bool moved = false;
        for (int rank = 0; rank < _schedule.Ranks; rank++)
            while (_next[rank] < _schedule[rank].Length && Lacks(_schedule[rank][_next[rank]]) is null)
            {
                Note(_schedule[rank][_next[rank]++]);
                moved = true;
            }
        return moved;
    }

    private void Note(Action action)
    {
        _done.Add(action);
        if (action.Kind == ActionKind.Backward)
        {
            _done.Add(action.As(ActionKind.BackwardInputs));
            _done.Add(action.As(ActionKind.BackwardWeights));
        }
        while (_through[action.Stage] < _batches && IsThrough(action.Stage, _through[action.Stage])) _through[action.Stage]++;
    }

    private bool IsThrough(int stage, int batch)
    {
        for (int m = 0; m < _microbatches; m++)
            if (!_done.Contains(new(stage, ActionKind.BackwardWeights, batch * _microbatches + m))) return false;
        return true;
    }

    /// <summary>What an action still needs; null when it can run.</summary>
    private string? Lacks(Action action)
    {
        int batch = action.Microbatch / _microbatches;
        return LacksShared(action.Stage) ?? action.Kind switch
        {
            ActionKind.Forward => Lacks(action.Stage > 0, action with { Stage = action.Stage - 1 })
                ?? LacksWeights(action.Stage, batch),
            ActionKind.BackwardInputs or ActionKind.Backward => Lacks(true, action.As(ActionKind.Forward))
                ?? Lacks(action.Stage < _schedule.Stages - 1,
                    (action with { Stage = action.Stage + 1 }).As(ActionKind.BackwardInputs))
                ?? (action.Kind == ActionKind.Backward ? LacksTurn(action.Stage, batch) : null),
            ActionKind.BackwardWeights => Lacks(true, action.As(ActionKind.BackwardInputs)) ?? LacksTurn(action.Stage, batch),
            ActionKind.Update => LacksTurn(action.Stage, action.Microbatch + 1, afterUpdate: false),
            _ => null,
        };
    }

    /// <summary>With its last W of a batch, a stage waits for what later layers add to the gradients of its weights.</summary>
    private string? LacksShared(int stage)
    {
        foreach (SharedUse use in _shared)
            if (use.Home == stage && _through[use.Stage] < _through[stage])
                return $"the gradient of '{use.Owner.Name}' of batch {_through[use.Stage]} from stage {use.Stage}";
        return null;
    }

    private string? Lacks(bool matters, Action need) => matters && !_done.Contains(need) ? need.ToString() : null;

    /// <summary>Two versions: F of batch t reads what the update of batch t - 2 makes, which waits for all stages.</summary>
    private string? LacksWeights(int stage, int batch)
    {
        if (_policy == WeightPolicy.Stashed || batch < 2) return null;
        return Lacks(true, new Action(stage, ActionKind.Update, batch - 2))
            ?? (_through.Min() > batch - 2 ? null : $"batch {batch - 2} through on all stages");
    }

    /// <summary>Batches accumulate one after the other; with stashed weights, each after the last one's update.</summary>
    private string? LacksTurn(int stage, int batch, bool afterUpdate = true) =>
        _through[stage] < batch ? $"the backward passes of batch {_through[stage]}"
        : Lacks(afterUpdate && _policy == WeightPolicy.Stashed && batch > 0, new Action(stage, ActionKind.Update, batch - 1));

    private void RequireEnds()
    {
        for (int rank = 0; rank < _schedule.Ranks; rank++)
            if (_next[rank] < _schedule[rank].Length)
                throw new PipelineException($"{_schedule} cannot run to its end: " + string.Join("; ", Stops()) + ".",
                    "the update of a batch follows its last backward pass and precedes the forward passes that read its weights");
        for (int s = 0; s < _schedule.Stages; s++)
            if (_through[s] < _batches)
                throw new PipelineException($"{_schedule} leaves out backward passes of batch {_through[s]} on stage {s}.");
    }

    private IEnumerable<string> Stops() =>
        from rank in Enumerable.Range(0, _schedule.Ranks)
        where _next[rank] < _schedule[rank].Length
        let action = _schedule[rank][_next[rank]]
        select $"rank {rank} stops at {action}, which needs {Lacks(action)}";
}
