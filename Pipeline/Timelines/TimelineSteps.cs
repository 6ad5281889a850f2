namespace AutogradCore.Pipeline;

/// <summary>The step of each event when every action takes one:
/// after its rank's previous event, and after all it reads.</summary>
/// <remarks>Two runs of one schedule have the same steps, however long their actions took, so they lie over each other.</remarks>
internal static class TimelineSteps
{
    internal static int[] Of(Timeline timeline, TimelineOrder order)
    {
        var steps = new int[timeline.Events.Length];
        var next = new int[timeline.Ranks];
        foreach (var i in order.ByTime)
        {
            ref var step = ref next[timeline.Events[i].Rank];
            foreach (var read in order.Reads(i))
                step = Math.Max(step, steps[read] + 1);
            steps[i] = step++;
        }
        return steps;
    }
}
