using System.Diagnostics;

namespace AutogradCore.Pipeline;

/// <summary>What a rank ran, as it runs.</summary>
/// <param name="rank">The rank.</param>
/// <param name="stages">Its stages.</param>
/// <param name="waits">Whether an action has ended only when its device is done with it.</param>
internal sealed class RankLog(int rank, IReadOnlyList<PipelineStage> stages, bool waits)
{
    private readonly List<TimelineEvent> _events = [];
    private long _origin;

    /// <summary>What ran in the last step.</summary>
    public IReadOnlyList<TimelineEvent> Events => _events;

    /// <summary>Starts a step whose time counts from <paramref name="origin"/>.</summary>
    public void Begin(long origin)
    {
        _events.Clear();
        _origin = origin;
    }

    /// <summary>Notes that an action which started at <paramref name="start"/> has ended.</summary>
    public void Add(Action action, long start, Arrival arrival = default, int count = 1, double sending = 0)
    {
        if (waits)
            foreach (PipelineStage stage in stages) stage.Backend.Synchronize();
        double from = Stopwatch.GetElapsedTime(_origin, start).TotalSeconds;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        long held = 0;
        foreach (PipelineStage stage in stages) held += stage.HeldBytes;
        _events.Add(new TimelineEvent(rank, action, from, seconds, count)
        {
            HeldBytes = held,
            MovedBytes = arrival.MovedBytes,
            WaitedFor = arrival.WaitedFor,
            Sending = sending,
        });
    }
}

/// <summary>How what an action needs came.</summary>
/// <param name="MovedBytes">Bytes from other ranks.</param>
/// <param name="WaitedFor">The action on another rank whose result came last, if the rank waited for it.</param>
internal readonly record struct Arrival(long MovedBytes, Action? WaitedFor);
