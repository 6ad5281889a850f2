using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>From the start or the end of an event on, its rank holds this much.</summary>
/// <param name="Event">The event's index in <see cref="Timeline.Events"/>.</param>
/// <param name="AtEnd">True where the change comes with the event's end, false where it comes with its start.</param>
/// <param name="Value">Bytes, or microbatches.</param>
internal readonly record struct HeldPoint(int Event, bool AtEnd, long Value);

/// <summary>How much each rank holds over time: bytes where the run counted them, else microbatches.</summary>
/// <remarks>
/// A microbatch is held from the start of its F to the end of its W or B, as in <see cref="HeldState.Either"/>. A run without
/// <see cref="Timeline.ParameterBytes"/> that holds no more than a byte per event was simulated in microbatches.
/// </remarks>
/// <param name="InBytes">Whether the values are bytes of graph state.</param>
/// <param name="Ranks">The changes of each rank in the order of time; 0 before the first.</param>
/// <param name="Unit">What a value of 1 is worth: 1 byte, or the share of a rank's part of the model that a stage is.</param>
internal readonly record struct HeldCurve(bool InBytes, ImmutableArray<ImmutableArray<HeldPoint>> Ranks, double Unit)
{
    /// <summary>The most that any rank held, in bytes or in microbatches of a rank's part of the model.</summary>
    internal double Peak => Unit * Peaks.DefaultIfEmpty().Max();

    /// <summary>The most values of each rank.</summary>
    internal IEnumerable<long> Peaks => Ranks.Select(points => points.Select(point => point.Value).DefaultIfEmpty().Max());

    /// <summary>The most bytes that any rank held with its parameters.</summary>
    internal double PeakWith(ImmutableArray<long> parameters) =>
        Peaks.Zip(parameters, (peak, more) => (double)(peak + more)).DefaultIfEmpty().Max();

    internal static HeldCurve Of(Timeline timeline)
    {
        var inBytes = !timeline.ParameterBytes.IsEmpty || timeline.Events.Any(e => e.HeldBytes > timeline.Events.Length);
        var ranks = new ImmutableArray<HeldPoint>[timeline.Ranks];
        for (int rank = 0, first = 0; rank < timeline.Ranks; first += timeline.On(rank).Length, rank++)
            ranks[rank] = inBytes ? Bytes(timeline.On(rank), first) : Microbatches(timeline.On(rank), first);
        return new(inBytes, [.. ranks], inBytes ? 1 : timeline.StageShare);
    }

    private static ImmutableArray<HeldPoint> Bytes(ImmutableArray<TimelineEvent> events, int first)
    {
        var order = Enumerable.Range(0, events.Length).OrderBy(i => events[i].End);
        return [.. order.Where(i => events[i].HeldBytes is not null)
            .Select(i => new HeldPoint(first + i, true, events[i].HeldBytes!.Value))];
    }

    private static ImmutableArray<HeldPoint> Microbatches(ImmutableArray<TimelineEvent> events, int first)
    {
        var points = ImmutableArray.CreateBuilder<HeldPoint>();
        var held = 0L;
        for (var i = 0; i < events.Length; i++)
        {
            switch (events[i].Action.Kind)
            {
                case ActionKind.Forward:
                    points.Add(new(first + i, false, held += events[i].Microbatches));
                    break;
                case ActionKind.Backward or ActionKind.BackwardWeights:
                    points.Add(new(first + i, true, held = Math.Max(0, held - events[i].Microbatches)));
                    break;
            }
        }
        return points.ToImmutable();
    }
}
