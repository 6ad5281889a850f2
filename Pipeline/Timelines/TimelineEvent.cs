namespace AutogradCore.Pipeline;

/// <summary>One bar of a timeline: an action, or the same action for several consecutive microbatches at once.</summary>
/// <param name="Rank">The rank, from 0.</param>
/// <param name="Action">The action; for several microbatches, that of the first.</param>
/// <param name="Start">When it started, in the timeline's unit.</param>
/// <param name="Duration">How long it took, in the timeline's unit.</param>
/// <param name="Microbatches">How many consecutive microbatches it covered; 1 unless the work was fused.</param>
public readonly record struct TimelineEvent(int Rank, Action Action, double Start, double Duration, int Microbatches = 1)
{
    /// <summary>Bytes of graph state that the rank holds when the event ends, without parameters; null where nobody
    /// counted.</summary>
    public long? HeldBytes { get; init; }

    /// <summary>Bytes that a transfer moves, or that an action took in from other ranks; 0 for none.</summary>
    public long MovedBytes { get; init; }

    /// <summary>How much of <see cref="Duration"/> went into handing results to other stages; 0 where nobody measured.</summary>
    public double Sending { get; init; }

    /// <summary>The action on another rank whose result came last, if the event waited for it; else null.</summary>
    public Action? WaitedFor { get; init; }

    /// <summary>When it ended.</summary>
    public double End => Start + Duration;

    /// <summary>The action's text; with a range for several microbatches, for example <c>0W0-3</c>.</summary>
    public string Label => Microbatches == 1 ? Action.ToString() : $"{Action}-{Action.Microbatch + Microbatches - 1}";

    /// <summary>The actions covered, in microbatch order.</summary>
    public IEnumerable<Action> Actions
    {
        get
        {
            for (var i = 0; i < Microbatches; i++)
                yield return Action with { Microbatch = Action.Microbatch + i };
        }
    }
}
