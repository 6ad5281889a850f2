using System.Collections.Immutable;
using System.Diagnostics;

namespace AutogradCore.Pipeline;

/// <summary>Plays lists of F and I unit by unit; a rank whose next action cannot run yet runs the oldest W it owes.</summary>
/// <remarks>
/// The lists repeat a pattern that fits where all ranks are busy. Before the first microbatch is back it leaves units free that
/// the next action cannot use: an F may run there before the action it follows. After a rank's last F the order of its I is
/// free: any I that can run goes before W, because other ranks wait for its result and none waits for W.
/// </remarks>
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
                return Advance(rank, rank.Next, now);
            if (OvertakingForward(rank, now))
                return Advance(rank, rank.Next + 1, now);
            if (rank.Forwards == 0 && ReadyInputs(rank, now) is >= 0 and var at)
                return Advance(rank, at, now);
            if (!rank.Owed.TryDequeue(out var weights))
                return null;
            rank.Held--;
            return weights;
        }

        // The action overtaken keeps its room.
        bool OvertakingForward(Rank rank, int now) =>
            !Has(inputs, 0, now) && rank.Next + 1 < rank.Spine.Length && rank.Held + 1 < held
            && rank.Spine[rank.Next + 1] is { Kind: ActionKind.Forward } forward && IsReady(forward, rank, now);

        int ReadyInputs(Rank rank, int now)
        {
            for (var at = rank.Next; at < rank.Spine.Length; at++)
                if (IsReady(rank.Spine[at], rank, now))
                    return at;
            return -1;
        }

        Action Advance(Rank rank, int at, int now)
        {
            var action = rank.Take(at);
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
        internal Action[] Spine { get; } = [.. spine];

        internal ImmutableArray<Action>.Builder Placed { get; } = ImmutableArray.CreateBuilder<Action>(spine.Length / 2 * 3);

        internal Queue<Action> Owed { get; } = [];

        internal int Next { get; private set; }

        /// <summary>F that have not run.</summary>
        internal int Forwards { get; private set; } = spine.Length / 2;

        internal int Held { get; set; }

        /// <summary>Takes an action out of its turn; those before it follow.</summary>
        internal Action Take(int at)
        {
            var action = Spine[at];
            Array.Copy(Spine, Next, Spine, Next + 1, at - Next);
            Next++;
            Forwards -= action.Kind == ActionKind.Forward ? 1 : 0;
            return action;
        }
    }
}
