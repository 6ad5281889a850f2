using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>Puts the W of each stage in the order of the microbatches, which is the order in which one device adds gradients: a W
/// before its turn is held back until those of all earlier microbatches are done, and a B before its turn becomes I and such a
/// W.</summary>
/// <remarks>All else keeps its place, so neighbours wait no longer. What a W reads is held until it runs, which the memory of the
/// result shows. W and B that are in order, as in every built-in schedule, stay.</remarks>
public static class AscendingWeights
{
    /// <summary>Orders the W.</summary>
    /// <param name="schedule">A legal schedule.</param>
    /// <returns>The schedule itself where all are in order.</returns>
    public static Schedule Apply(Schedule schedule)
    {
        if (Holds(schedule)) return schedule;
        return schedule.With([.. schedule.Actions.Select(Ordered)]);
    }

    /// <summary>Whether the W and B of every stage stand in the order of the microbatches.</summary>
    /// <param name="schedule">Any schedule.</param>
    public static bool Holds(Schedule schedule)
    {
        Dictionary<int, int> last = [];
        foreach (Action action in schedule.Actions.SelectMany(list => list))
        {
            if (!AddsGradients(action)) continue;
            if (last.TryGetValue(action.Stage, out int before) && before > action.Microbatch) return false;
            last[action.Stage] = action.Microbatch;
        }
        return true;
    }

    private static ImmutableArray<Action> Ordered(ImmutableArray<Action> list)
    {
        Dictionary<int, Queue<int>> turns = list.Where(AddsGradients).GroupBy(a => a.Stage)
            .ToDictionary(g => g.Key, g => new Queue<int>(g.Select(a => a.Microbatch).Order()));
        HashSet<Action> heldBack = [];
        List<Action> due = [];
        ImmutableArray<Action>.Builder ordered = ImmutableArray.CreateBuilder<Action>(list.Length);
        foreach (Action action in list)
        {
            // The neighbour waits for a send; W can wait for it too.
            if (action.Kind != ActionKind.SendBackward) Run(due, ordered);
            if (!AddsGradients(action))
            {
                ordered.Add(action);
                continue;
            }
            Action weights = action.As(ActionKind.BackwardWeights);
            Queue<int> turn = turns[action.Stage];
            if (turn.Peek() != action.Microbatch)
            {
                if (action.Kind == ActionKind.Backward) ordered.Add(action.As(ActionKind.BackwardInputs));
                heldBack.Add(weights);
                continue;
            }
            ordered.Add(action);
            turn.Dequeue();
            while (turn.TryPeek(out int next) && heldBack.Remove(weights with { Microbatch = next }))
                due.Add(weights with { Microbatch = turn.Dequeue() });
        }
        Run(due, ordered);
        return ordered.ToImmutable();
    }

    private static void Run(List<Action> due, ImmutableArray<Action>.Builder ordered)
    {
        ordered.AddRange(due);
        due.Clear();
    }

    private static bool AddsGradients(Action action) => action.Kind is ActionKind.BackwardWeights or ActionKind.Backward;
}
