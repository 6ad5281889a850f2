using AutogradCore.Pipeline;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>The starts of a schedule of F, I, W and B, by pushing late ones back until nothing moves.</summary>
internal static class NaiveSimulator
{
    internal static Dictionary<Action, double> Starts(Schedule schedule, StageCosts costs)
    {
        var starts = schedule.Actions.SelectMany(list => list).ToDictionary(a => a, _ => 0.0);
        for (var moved = true; moved;)
        {
            moved = false;
            foreach (var list in schedule.Actions)
            {
                var free = 0.0;
                foreach (var action in list)
                {
                    var earliest = RandomSchedule.Needs(action, schedule.Stages)
                        .Select(any => any.First(starts.ContainsKey)).Select(need => Arrival(need, action)).Append(free).Max();
                    moved |= earliest > starts[action];
                    starts[action] = earliest;
                    free = earliest + Time(action);
                }
            }
        }
        return starts;

        double Time(Action a) => costs.Of(a);

        double Arrival(Action need, Action by)
        {
            int from = schedule.RankOf(need.Stage), to = schedule.RankOf(by.Stage);
            if (from == to)
                return starts[need] + Time(need);
            if (costs.Transfers == TransferMode.Overlapped)
                return starts[need] + Time(need) + Transfer(need, by.Stage);
            var free = 0.0; // all messages of the rank to the other, up to this one
            foreach (var action in schedule[from])
            {
                var target = action.Kind switch
                {
                    ActionKind.Forward => action.Stage + 1,
                    ActionKind.BackwardWeights => -1,
                    _ => action.Stage - 1,
                };
                if (schedule.RankOf(target) == to)
                    free = Math.Max(free, starts[action] + Time(action)) + Transfer(action, target);
                if (action == need)
                    break;
            }
            return free;
        }

        double Transfer(Action from, int to) =>
            from.Kind == ActionKind.Forward ? costs.Links[from.Stage].Time : costs.BackLinks[to].Time;
    }
}
