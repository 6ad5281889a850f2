using AutogradCore.Pipeline;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Runtimes whose sends are buffered and whose RECV stops its rank until the data is there.</summary>
internal static class ReceivesThatBlock
{
    /// <summary>When the last action ends; every list reaches its end.</summary>
    internal static double Makespan(Schedule schedule, StageCosts costs)
    {
        var (next, free) = (new int[schedule.Ranks], new double[schedule.Ranks]);
        var done = new Dictionary<Action, double>();
        for (var moved = true; moved;)
        {
            moved = false;
            for (var rank = 0; rank < schedule.Ranks; rank++)
                for (; next[rank] < schedule[rank].Length && Arrival(schedule[rank][next[rank]]) is { } arrival; next[rank]++)
                {
                    var action = schedule[rank][next[rank]];
                    done[action] = free[rank] = Math.Max(free[rank], arrival) + costs.Of(action);
                    moved = true;
                }
        }
        return free.Max();

        // What comes from another rank without a RECV arrives like this too; null while it is not known.
        double? Arrival(Action a)
        {
            var (before, after) = (a with { Stage = a.Stage - 1 }, a with { Stage = a.Stage + 1 });
            return a.Kind switch
            {
                ActionKind.ReceiveForward => At(before.As(ActionKind.SendForward), a.Stage),
                ActionKind.ReceiveBackward => At(after.As(ActionKind.SendBackward), a.Stage),
                ActionKind.Forward when a.Stage > 0 && schedule.RankOf(a.Stage - 1) == schedule.RankOf(a.Stage) =>
                    At(before.As(ActionKind.Forward), a.Stage),
                ActionKind.BackwardInputs or ActionKind.Backward when a.Stage < schedule.Stages - 1
                    && schedule.RankOf(a.Stage + 1) == schedule.RankOf(a.Stage) =>
                    At(after.As(ActionKind.BackwardInputs), a.Stage) ?? At(after.As(ActionKind.Backward), a.Stage),
                _ => 0,
            };
        }

        double? At(Action need, int by) => !done.TryGetValue(need, out var end) ? null
            : schedule.RankOf(need.Stage) == schedule.RankOf(by) ? end
            : end + costs.Transfer(need.Stage, by);
    }
}
