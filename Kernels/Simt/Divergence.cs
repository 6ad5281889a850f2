namespace AutogradCore.Kernels.Simt;

/// <summary>The picture of lanes that wait for others in vain.</summary>
internal static class Divergence
{
    public static SimtFaultException Of(LaneGroup group)
    {
        IEnumerable<string> parts = group.Lanes.GroupBy(Doing)
            .Select(lanes => $"{Ranges([.. lanes.Select(l => l.Index)])} {lanes.Key}");
        Lane first = group.Lanes.First(lane => lane.State == LaneState.Waiting);
        return first.Fault(SimtFault.Divergence, first.At.Site, string.Join("; ", parts) + ".",
            "every lane of a group must reach the same barriers, and every lane of a warp the same shuffles, in the same order");
    }

    private static string Doing(Lane lane) => lane.State switch
    {
        LaneState.Waiting => $"at the {(lane.At.Meeting == Meeting.Barrier ? "barrier" : "shuffle")} at {lane.At.Site}",
        LaneState.Done => "finished",
        _ => "running",
    };

    private static string Ranges(IReadOnlyList<int> lanes) =>
        lanes.Count == 1 ? $"lane {lanes[0]}"
        : lanes[^1] - lanes[0] == lanes.Count - 1 ? $"lanes {lanes[0]}..{lanes[^1]}"
        : $"lanes {string.Join(", ", lanes.Take(4))}{(lanes.Count > 4 ? $", ... ({lanes.Count} of them)" : "")}";
}
