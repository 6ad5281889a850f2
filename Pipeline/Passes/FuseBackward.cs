using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>The opposite of a split: where W directly follows its I, the two become B.</summary>
/// <remarks>Worth it where B is cheaper than I and W apart; the neighbour then waits for all of B.</remarks>
public static class FuseBackward
{
    /// <summary>Fuses each adjacent pair of I and W of the same stage and microbatch.</summary>
    /// <param name="schedule">Any schedule.</param>
    public static Schedule Apply(Schedule schedule) =>
        schedule.With([.. schedule.Actions.Select(Fuse)]);

    private static ImmutableArray<Action> Fuse(ImmutableArray<Action> list)
    {
        var fused = ImmutableArray.CreateBuilder<Action>(list.Length);
        foreach (var action in list)
        {
            if (action.Kind == ActionKind.BackwardWeights && fused.Count > 0 && fused[^1] == action.As(ActionKind.BackwardInputs))
                fused[^1] = action.As(ActionKind.Backward);
            else
                fused.Add(action);
        }
        return fused.ToImmutable();
    }
}
