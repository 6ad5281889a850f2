namespace AutogradCore.Pipeline;

/// <summary>The first step of each event when every action takes one:
/// after its rank's previous event, and after all it reads.</summary>
/// <remarks>An event of several microbatches takes a step for each, as its actions would one by one. Two runs of one schedule
/// have the same steps, however long their actions took, so they lie over each other.</remarks>
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
                step = Math.Max(step, steps[read] + timeline.Events[read].Microbatches);
            steps[i] = step;
            step += timeline.Events[i].Microbatches;
        }
        return steps;
    }
}
