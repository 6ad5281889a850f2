using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>The chain of events that determines when a run ends, and by how much every other event could be late.</summary>
public sealed class CriticalPath
{
    private CriticalPath(ImmutableArray<TimelineEvent> events, ImmutableArray<double> slack) => (Events, Slack) = (events, slack);

    /// <summary>The chain, first event first: each one started when the one before it, or its transfer, was done.</summary>
    public ImmutableArray<TimelineEvent> Events { get; }

    /// <summary>
    /// For each event of the timeline, in its order: how much later it could end, everything else being moved as little as
    /// needed, without a later end of the run.
    /// </summary>
    public ImmutableArray<double> Slack { get; }

    /// <summary>Finds the chain of a simulated or recorded run.</summary>
    /// <param name="timeline">A run of a legal schedule.</param>
    /// <param name="costs">
    /// The costs it was simulated with, for the times of transfers. Without them a transfer takes time only where an event tells
    /// that it waited for it, so other slacks are too large by it. Waiting for a busy link counts as part of a transfer.
    /// </param>
    public static CriticalPath Of(Timeline timeline, StageCosts? costs = null)
    {
        var events = timeline.Events;
        if (events.IsEmpty)
            return new([], []);
        var chain = TimelineChain.Of(timeline, new(timeline)).Events;
        return new([.. chain.Select(i => events[i])], LatestEnds(timeline, new(timeline, costs)));
    }

    private static ImmutableArray<double> LatestEnds(Timeline timeline, TimelineEdges edges)
    {
        var events = timeline.Events;
        var latest = new double[events.Length];
        Array.Fill(latest, timeline.End);
        var followers = new int[events.Length];
        for (var i = 0; i < events.Length; i++)
            foreach (var (from, _) in edges.Before(i))
                followers[from]++;
        var ready = new Stack<int>(Enumerable.Range(0, events.Length).Where(i => followers[i] == 0));
        while (ready.TryPop(out var at))
            foreach (var (from, lag) in edges.Before(at))
            {
                latest[from] = Math.Min(latest[from], latest[at] - events[at].Duration - lag);
                if (--followers[from] == 0)
                    ready.Push(from);
            }
        return [.. latest.Select((end, i) => Math.Max(0, end - events[i].End))];
    }
}
