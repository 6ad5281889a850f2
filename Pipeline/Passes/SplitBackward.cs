using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>2BP as a pass: turns every B of any schedule into I and W, and places the W by a policy.</summary>
/// <remarks>
/// F and I keep their order; W that the schedule already has are placed anew. W of one stage are always in ascending
/// microbatch order, and those owed come before U, REDUCE_GRAD and RESHARD of their stage. An overlapped pair that gets a W in
/// between is done one after the other.
/// </remarks>
public static class SplitBackward
{
    /// <summary>Splits, and places by the policy.</summary>
    /// <param name="schedule">A legal schedule with any number of stages per rank.</param>
    /// <param name="policy">Where the W go; <see cref="TwoStage.Off"/> returns the schedule as it is.</param>
    /// <param name="costs">For <see cref="TwoStage.Fill"/>: the costs by which waits are found; F = I = W = 1 by default.</param>
    /// <param name="pendingLimit">
    /// For <see cref="TwoStage.Fill"/>: before a rank owes more W than this, it runs one even if that delays I. At least 1.
    /// </param>
    /// <param name="memoryCap">
    /// For <see cref="TwoStage.Fill"/>: before a rank holds more than this, by the costs' memory, it runs W even if that delays
    /// F or I. No cap by default.
    /// </param>
    /// <exception cref="ScheduleException">
    /// Illegal schedule, costs for other stages, a limit below 1, or a cap that the order of F and I breaks whatever W do.
    /// </exception>
    public static Schedule Apply(
        Schedule schedule, TwoStage policy, StageCosts? costs = null, int pendingLimit = int.MaxValue,
        MemoryCap memoryCap = default)
    {
        ScheduleValidator.Check(schedule);
        if (policy == TwoStage.Off)
            return schedule;
        if (pendingLimit < 1)
            throw new ScheduleException($"The limit of pending W is {pendingLimit}.", "at least 1 W has to wait at times.");
        costs ??= StageCosts.Uniform(schedule.Stages);
        Simulator.RequireFit(schedule, costs);
        memoryCap.RequireRanks(schedule.Ranks);
        var spine = Spine(schedule);
        return policy switch
        {
            TwoStage.End => WeightsAtEnd(spine),
            TwoStage.Eager => WeightsAtOnce(spine),
            _ => FillWaits.Best(spine, costs, new(pendingLimit, memoryCap)),
        };
    }

    // The schedule with I in the place of B and without any W: what the neighbours see.
    internal static Schedule Spine(Schedule schedule) =>
        schedule.With([.. schedule.Actions.Select(list => list
            .Where(action => action.Kind != ActionKind.BackwardWeights)
            .Select(action => action.Kind == ActionKind.Backward ? action.As(ActionKind.BackwardInputs) : action)
            .ToImmutableArray())]).Named($"{schedule.Name}+2bp");

    internal static Schedule WeightsAtEnd(Schedule spine) =>
        spine.With([.. spine.Actions.Select(list =>
        {
            var owed = new WeightQueue(spine.Microbatches);
            var placed = ImmutableArray.CreateBuilder<Action>();
            foreach (var action in list)
            {
                if (action.Kind.NeedsWeights())
                    placed.AddRange(owed.TakeAll(action.Stage));
                placed.Add(action);
                if (action.Kind == ActionKind.BackwardInputs)
                    owed.Owe(action);
            }
            placed.AddRange(owed.TakeAll());
            return placed.ToImmutable();
        })]);

    internal static Schedule WeightsAtOnce(Schedule spine) =>
        spine.With([.. spine.Actions.Select(list =>
        {
            var owed = new WeightQueue(spine.Microbatches);
            var placed = ImmutableArray.CreateBuilder<Action>();
            foreach (var action in list)
            {
                // The neighbour waits for a send; W can wait for it too.
                if (action.Kind != ActionKind.SendBackward)
                    placed.AddRange(owed.TakeAll());
                placed.Add(action);
                if (action.Kind == ActionKind.BackwardInputs)
                    owed.Owe(action);
            }
            placed.AddRange(owed.TakeAll());
            return placed.ToImmutable();
        })]);
}
