using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>The most microbatches whose state a rank holds at once, counted over its stages.</summary>
/// <param name="Forward">From F to the end of I or B: all saved activations.</param>
/// <param name="PendingWeights">From I to the end of W: what the weight rules read.</param>
/// <param name="Either">From F to the end of W or B: both together, at their worst moment.</param>
public readonly record struct HeldState(int Forward, int PendingWeights, int Either)
{
    /// <summary>The peaks of each rank of a legal schedule. They depend on the order of actions, not on their times.</summary>
    /// <param name="schedule">A legal schedule.</param>
    public static ImmutableArray<HeldState> Peaks(Schedule schedule) => [.. schedule.Actions.Select(list => Peak(list))];

    /// <summary>The peaks of each rank of a simulated or recorded run.</summary>
    /// <param name="timeline">A run of a legal schedule; W of several microbatches at once frees them together.</param>
    public static ImmutableArray<HeldState> Peaks(Timeline timeline) =>
        [.. Enumerable.Range(0, timeline.Ranks).Select(rank => Peak(timeline.On(rank).SelectMany(e => e.Actions)))];

    private static HeldState Peak(IEnumerable<Action> actions)
    {
        var (forward, pending) = (0, 0);
        var peak = default(HeldState);
        foreach (var action in actions)
        {
            (forward, pending) = action.Kind switch
            {
                ActionKind.Forward => (forward + 1, pending),
                ActionKind.BackwardInputs => (forward - 1, pending + 1),
                ActionKind.BackwardWeights => (forward, pending - 1),
                ActionKind.Backward => (forward - 1, pending),
                _ => (forward, pending),
            };
            peak = new(
                Math.Max(peak.Forward, forward),
                Math.Max(peak.PendingWeights, pending),
                Math.Max(peak.Either, forward + pending));
        }
        return peak;
    }
}
