using System.Collections.Immutable;
using System.Diagnostics;

namespace AutogradCore.Pipeline;

/// <summary>Plays lists of F and I unit by unit; a rank whose next action cannot run yet runs the oldest W it owes.</summary>
internal static class WeightsInGaps
{
    /// <summary>The lists with W in them.</summary>
    /// <param name="spine">For each rank F and I in order, without W.</param>
    /// <param name="stages">How many stages.</param>
    /// <param name="microbatches">How many microbatches.</param>
    /// <param name="held">F waits while the rank holds this many microbatches, over its stages, from F to the end of W.</param>
    internal static ImmutableArray<ImmutableArray<Action>> Place(
        IEnumerable<ImmutableArray<Action>> spine, int stages, int microbatches, int held)
    {
        Rank[] ranks = [.. spine.Select(list => new Rank(list))];
        var forward = new int[stages * microbatches]; // the unit in which the result is there; 0: not yet run
        var inputs = new int[stages * microbatches];
        var left = ranks.Sum(rank => rank.Spine.Length / 2 * 3);
        for (var now = 1; left > 0; now++)
        {
            var before = left;
            foreach (var rank in ranks)
                if (Next(rank, now) is { } action)
                {
                    rank.Placed.Add(action);
                    left--;
                }
            if (left == before)
                throw new UnreachableException("The lists wait for each other.");
        }
        return [.. ranks.Select(rank => rank.Placed.MoveToImmutable())];

        Action? Next(Rank rank, int now)
        {
            if (rank.Next < rank.Spine.Length && IsReady(rank.Spine[rank.Next], rank, now))
                return Advance(rank, now);
            if (!rank.Owed.TryDequeue(out var weights))
                return null;
            rank.Held--;
            return weights;
        }

        Action Advance(Rank rank, int now)
        {
            var action = rank.Spine[rank.Next++];
            var isForward = action.Kind == ActionKind.Forward;
            (isForward ? forward : inputs)[Slot(action)] = now + 1;
            if (isForward)
                rank.Held++;
            else
                rank.Owed.Enqueue(action.As(ActionKind.BackwardWeights));
            return action;
        }

        bool IsReady(Action action, Rank rank, int now) =>
            action.Kind == ActionKind.Forward
                ? rank.Held < held && (action.Stage == 0 || Has(forward, Slot(action) - microbatches, now))
                : Has(forward, Slot(action), now)
                    && (action.Stage == stages - 1 || Has(inputs, Slot(action) + microbatches, now));

        int Slot(Action action) => action.Stage * microbatches + action.Microbatch;

        static bool Has(int[] since, int slot, int now) => since[slot] > 0 && since[slot] <= now;
    }

    private sealed class Rank(ImmutableArray<Action> spine)
    {
        internal ImmutableArray<Action> Spine { get; } = spine;

        internal ImmutableArray<Action>.Builder Placed { get; } = ImmutableArray.CreateBuilder<Action>(spine.Length / 2 * 3);

        internal Queue<Action> Owed { get; } = [];

        internal int Next { get; set; }

        internal int Held { get; set; }
    }
}
