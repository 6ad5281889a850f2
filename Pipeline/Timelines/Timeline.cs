using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>What ran when on which rank; the same form for simulated and recorded runs, so that they compare.</summary>
/// <remarks>Only F, I, W and B count as busy; a rank that waits in a receive is idle. Equal when all data are equal.</remarks>
public sealed class Timeline : IEquatable<Timeline>
{
    private const double MostTime = 1e36;

    private readonly double[] _busy;
    private readonly ImmutableArray<TimelineEvent>[] _perRank;

    /// <summary>Takes the events of a run.</summary>
    /// <param name="name">A label for titles.</param>
    /// <param name="ranks">How many ranks took part, idle ones included.</param>
    /// <param name="events">The events; they are sorted by rank, then by start, keeping the given order of equal starts.</param>
    /// <param name="unit">What the times mean.</param>
    /// <exception cref="ScheduleException">An event names no rank, stage or microbatch; its times are beyond 1e36; or a
    /// duration, a sending time or a number of bytes is negative.</exception>
    public Timeline(string name, int ranks, IEnumerable<TimelineEvent> events, TimeUnit unit = TimeUnit.Units)
    {
        (Name, Ranks, Unit) = (name, ranks, unit);
        if (ranks < 0)
            throw new ScheduleException($"Timeline '{name}' has {ranks} ranks.", "give the number of ranks, idle ones included.");
        Events = Sorted(events.ToImmutableArray());
        _busy = new double[ranks];
        foreach (var e in Events)
        {
            if ((uint)e.Rank >= (uint)ranks || !IsPossible(e))
                throw new ScheduleException(
                    $"Timeline '{name}' of {ranks} ranks has {e}.",
                    "ranks and stages count from 0, and times are up to 1e36; durations and bytes are not negative.");
            if (e.Action.Kind.IsCompute())
                _busy[e.Rank] += e.Duration;
        }
        Start = Events.Select(e => e.Start).DefaultIfEmpty().Min();
        End = Events.Select(e => e.End).DefaultIfEmpty().Max();
        _perRank = new ImmutableArray<TimelineEvent>[ranks];
        for (int rank = 0, first = 0; rank < ranks; rank++)
        {
            var end = first;
            while (end < Events.Length && Events[end].Rank == rank)
                end++;
            _perRank[rank] = Events[first..end];
            first = end;
        }
    }

    /// <summary>A label for titles.</summary>
    public string Name { get; }

    /// <summary>How many ranks took part.</summary>
    public int Ranks { get; }

    /// <summary>All events, sorted by rank, then by start.</summary>
    public ImmutableArray<TimelineEvent> Events { get; }

    /// <summary>What the times mean.</summary>
    public TimeUnit Unit { get; }

    /// <summary>For each rank the bytes it holds all the time besides the graph state of its events: parameters, their gradients,
    /// the optimizer's state. Empty where nobody counted.</summary>
    /// <exception cref="ScheduleException">Not one per rank, or negative.</exception>
    public ImmutableArray<long> ParameterBytes
    {
        get;
        init
        {
            if (value.Length != 0 && (value.Length != Ranks || value.Any(bytes => bytes < 0)))
                throw new ScheduleException(
                    $"Timeline '{Name}' of {Ranks} ranks has parameters of {string.Join(", ", value)} bytes.",
                    "give 0 or more bytes for each rank.");
            field = value;
        }
    } = [];

    /// <summary>How much of one rank's part of the model a stage is, as <see cref="Schedule.StageShare"/>.</summary>
    public double StageShare
    {
        get
        {
            var places = Events.Where(e => e.Action.Kind.IsCompute()).Select(e => (e.Rank, e.Action.Stage)).Distinct().ToArray();
            var stages = places.DistinctBy(place => place.Stage).Count();
            return stages == 0 ? 1 : places.DistinctBy(place => place.Rank).Count() / (double)stages;
        }
    }

    /// <summary>When the first event started; 0 without events.</summary>
    public double Start { get; }

    /// <summary>When the last event ended; 0 without events.</summary>
    public double End { get; }

    /// <summary>The time from the first start to the last end, over all ranks.</summary>
    public double Makespan => End - Start;

    /// <summary>1 - busy / (ranks x makespan): the share of time without work; 0 without events, never negative.</summary>
    public double BubbleRatio => Makespan > 0 ? Math.Max(0, 1 - _busy.Sum() / (Ranks * Makespan)) : 0;

    /// <summary>The time in which a rank computed.</summary>
    /// <param name="rank">The rank, from 0.</param>
    public double Busy(int rank) => _busy[rank];

    /// <summary>The rest of the makespan.</summary>
    /// <param name="rank">The rank, from 0.</param>
    public double Idle(int rank) => Makespan - _busy[rank];

    /// <summary>The events of one rank, sorted by start.</summary>
    /// <param name="rank">The rank, from 0.</param>
    public ImmutableArray<TimelineEvent> On(int rank) => _perRank[rank];

    /// <summary>The same events under another label.</summary>
    /// <param name="name">The new label.</param>
    public Timeline Named(string name) => new(name, Ranks, Events, Unit) { ParameterBytes = ParameterBytes };

    // Sums and ratios of times, over as many events as there can be, stay finite. NaN is no time.
    private static bool IsPossible(in TimelineEvent e) =>
        e.Microbatches >= 1 && e.Action.Stage >= 0 && Math.Abs(e.Start) <= MostTime && e.Duration is >= 0 and <= MostTime
        && e.Sending is >= 0 and <= MostTime && e.HeldBytes is null or >= 0 && e.MovedBytes >= 0;

    // Simulated events come sorted, by the million.
    private static ImmutableArray<TimelineEvent> Sorted(ImmutableArray<TimelineEvent> events)
    {
        for (var i = 1; i < events.Length; i++)
            if ((events[i].Rank, events[i].Start).CompareTo((events[i - 1].Rank, events[i - 1].Start)) < 0)
                return [.. events.OrderBy(e => e.Rank).ThenBy(e => e.Start)];
        return events;
    }

    /// <inheritdoc/>
    public bool Equals(Timeline? other) =>
        other is not null && (Name, Ranks, Unit) == (other.Name, other.Ranks, other.Unit) && Events.SequenceEqual(other.Events)
        && ParameterBytes.SequenceEqual(other.ParameterBytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Timeline);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Ranks, Unit, Events.Length, Makespan);
}
