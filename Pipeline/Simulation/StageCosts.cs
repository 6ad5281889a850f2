using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>What the simulator knows about stages and links: times and bytes per microbatch, given or measured.</summary>
/// <remarks>
/// B takes I + W. Times are in <see cref="Unit"/>. What the constructor does not name has a neutral default and is set by
/// <c>with { ... }</c>. A time is 0, or from 1e-30 to 1e30: sums and ratios of such times stay finite.
/// </remarks>
public sealed record StageCosts
{
    private const double Least = 1e-30, Most = 1e30;
    private const double MostBytes = 1e18; // what a long holds

    /// <summary>Takes the costs stage by stage.</summary>
    /// <param name="forward">F of each stage.</param>
    /// <param name="inputs">I of each stage.</param>
    /// <param name="weights">W of each stage.</param>
    /// <param name="links">The link from stage s to s + 1 at index s, both ways; empty when transfers are free.</param>
    /// <param name="unit">What the numbers mean.</param>
    /// <exception cref="ScheduleException">The lists differ in length, or a number is out of range.</exception>
    public StageCosts(
        ImmutableArray<double> forward,
        ImmutableArray<double> inputs,
        ImmutableArray<double> weights,
        ImmutableArray<Link> links = default,
        TimeUnit unit = TimeUnit.Units)
    {
        (Forward, Inputs, Weights, Unit) = (forward, inputs, weights, unit);
        Links = links.IsDefaultOrEmpty ? [.. new Link[Math.Max(0, Stages - 1)]] : links;
        if (Inputs.Length != Stages || Weights.Length != Stages || Links.Length != Math.Max(0, Stages - 1))
            throw new ScheduleException(
                $"Costs: {Stages} F, {Inputs.Length} I, {Weights.Length} W and {Links.Length} links.",
                "give F, I and W for each stage, and one link less than stages.");
        RequireTimes(Forward, "F");
        RequireTimes(Inputs, "I");
        RequireTimes(Weights, "W");
        RequireLinks(Links, "link");
        BackLinks = Links;
        Updates = AllReduce = Same(0.0, Stages);
        AllReduceBytes = Same(0L, Stages);
        Recompute = Same(false, Stages);
        Memory = Same(StageMemory.Microbatch, Stages);
    }

    /// <summary>The same costs for every stage.</summary>
    /// <param name="stages">How many stages.</param>
    /// <param name="forward">F.</param>
    /// <param name="inputs">I.</param>
    /// <param name="weights">W.</param>
    /// <param name="link">Every link; free by default.</param>
    /// <param name="unit">What the numbers mean.</param>
    /// <exception cref="ScheduleException">A time is out of range.</exception>
    public static StageCosts Uniform(
        int stages, double forward = 1, double inputs = 1, double weights = 1,
        Link link = default, TimeUnit unit = TimeUnit.Units) =>
        new(Same(forward, stages), Same(inputs, stages), Same(weights, stages), Same(link, Math.Max(0, stages - 1)), unit);

    /// <summary>The costs of one model cut into equal stages, so that schedules with different numbers of stages per rank
    /// compare: a stage costs <see cref="Schedule.StageShare"/> of what is given.</summary>
    /// <param name="schedule">The schedule whose stages they are.</param>
    /// <param name="forward">F of one rank's part of the model.</param>
    /// <param name="inputs">I of it.</param>
    /// <param name="weights">W of it.</param>
    /// <param name="link">Every link; free by default. The size of a stage does not change it.</param>
    /// <exception cref="ScheduleException">A time is negative or not finite.</exception>
    public static StageCosts OfModel(
        Schedule schedule, double forward = 1, double inputs = 1, double weights = 1, Link link = default)
    {
        var share = schedule.StageShare;
        return Uniform(schedule.Stages, share * forward, share * inputs, share * weights, link);
    }

    /// <summary>F of each stage.</summary>
    public ImmutableArray<double> Forward { get; }

    /// <summary>I of each stage.</summary>
    public ImmutableArray<double> Inputs { get; }

    /// <summary>W of each stage.</summary>
    public ImmutableArray<double> Weights { get; }

    /// <summary>The way of activations: from stage s to s + 1 at index s.</summary>
    public ImmutableArray<Link> Links { get; }

    /// <summary>The way of gradients: from stage s + 1 to s at index s; as <see cref="Links"/> by default.</summary>
    /// <exception cref="ScheduleException">Not one link less than stages, or an impossible time.</exception>
    public ImmutableArray<Link> BackLinks
    {
        get;
        init
        {
            RequireCount(value, Links.Length, "links backwards");
            RequireLinks(value, "backward link");
            field = value;
        }
    }

    /// <summary>U of each stage: the optimizer's update, where a schedule spells it out; 0 by default.</summary>
    /// <exception cref="ScheduleException">Not one per stage, or an impossible time.</exception>
    public ImmutableArray<double> Updates { get; init => field = Times(value, "U"); }

    /// <summary>
    /// The sum of a stage's gradients, after its last backward of a batch: over data-parallel replicas, or over the layers that
    /// share its weights; 0, nothing to sum, by default.
    /// </summary>
    /// <exception cref="ScheduleException">Not one per stage, or an impossible time.</exception>
    public ImmutableArray<double> AllReduce { get; init => field = Times(value, "all-reduce"); }

    /// <summary>Bytes that the sum of a stage's gradients takes in from other ranks; 0 by default.</summary>
    /// <exception cref="ScheduleException">Not one per stage, or negative bytes.</exception>
    public ImmutableArray<long> AllReduceBytes
    {
        get;
        init
        {
            RequireCount(value, Stages, "sizes of all-reduces");
            if (value.Any(bytes => bytes < 0))
                throw new ScheduleException("Costs: an all-reduce takes in negative bytes.", "bytes are 0 or more.");
            field = value;
        }
    }

    /// <summary>
    /// True: a stage's sum starts at once and runs beside the other work of the rank, one sum at a time. False: all sums of a
    /// rank follow its work.
    /// </summary>
    public bool AllReduceOverlaps { get; init; }

    /// <summary>Whether a stage keeps only its input after F and runs F again at the start of I or B; not, by default.</summary>
    /// <exception cref="ScheduleException">Not one per stage.</exception>
    public ImmutableArray<bool> Recompute
    {
        get;
        init
        {
            RequireCount(value, Stages, "recompute flags");
            field = value;
        }
    }

    /// <summary>What each stage holds; counted in microbatches by default.</summary>
    /// <exception cref="ScheduleException">Not one per stage, or negative bytes.</exception>
    public ImmutableArray<StageMemory> Memory
    {
        get;
        init
        {
            RequireCount(value, Stages, "stage memories");
            if (value.FirstOrDefault(m => !m.IsPossible) is { IsPossible: false } wrong)
                throw new ScheduleException($"Costs: {wrong} is negative.", "bytes are 0 or more.");
            field = value;
        }
    }

    /// <summary>Whether <see cref="Memory"/> counts bytes; false where it counts microbatches, as it does by default.</summary>
    public bool CountsBytes => Memory.Any(memory => memory != StageMemory.Microbatch);

    /// <summary>How transfers share links and time with the work.</summary>
    public TransferMode Transfers { get; init; }

    /// <summary>What the numbers mean.</summary>
    public TimeUnit Unit { get; }

    /// <summary>How many stages there are.</summary>
    public int Stages => Forward.Length;

    /// <summary>How long an action keeps its rank busy; a transfer beside the work takes none of its time.</summary>
    /// <param name="action">An action of one of the stages.</param>
    public double Of(Action action) => action.Kind switch
    {
        ActionKind.Forward => Forward[action.Stage],
        ActionKind.BackwardInputs => InputsWithRecompute(action.Stage),
        ActionKind.BackwardWeights => Weights[action.Stage],
        ActionKind.Backward => InputsWithRecompute(action.Stage) + Weights[action.Stage],
        ActionKind.Update => Updates[action.Stage],
        ActionKind.ReduceGradient => AllReduce[action.Stage],
        _ => 0,
    };

    /// <summary>How long a transfer between two neighbouring stages on different ranks takes.</summary>
    /// <param name="from">The stage that made the result.</param>
    /// <param name="to">The stage before or after it, which needs it.</param>
    public double Transfer(int from, int to) => LinkBetween(from, to).Time;

    /// <summary>The link from a stage to its neighbour.</summary>
    /// <param name="from">The stage that made the result.</param>
    /// <param name="to">The stage before or after it, which needs it.</param>
    public Link LinkBetween(int from, int to) => from < to ? Links[from] : BackLinks[to];

    private double InputsWithRecompute(int stage) => Inputs[stage] + (Recompute[stage] ? Forward[stage] : 0);

    private ImmutableArray<double> Times(ImmutableArray<double> value, string what)
    {
        RequireCount(value, Stages, what);
        RequireTimes(value, what);
        return value;
    }

    private static void RequireCount<T>(ImmutableArray<T> value, int count, string what)
    {
        if (value.IsDefault || value.Length != count)
            throw new ScheduleException($"Costs: {(value.IsDefault ? 0 : value.Length)} {what}.", $"give {count} of them.");
    }

    private static void RequireTimes(ImmutableArray<double> times, string what)
    {
        for (var stage = 0; stage < times.Length; stage++)
            if (!IsTime(times[stage]))
                throw Impossible($"{what} of stage {stage} takes {times[stage]}");
    }

    private static void RequireLinks(ImmutableArray<Link> links, string what)
    {
        for (var stage = 0; stage < links.Length; stage++)
        {
            var (latency, bytes, bandwidth) = links[stage];
            if (!IsTime(latency))
                throw Impossible($"the latency of {what} {stage} is {latency}");
            if (bytes is not (>= 0 and <= MostBytes))
                throw Impossible($"the bytes of {what} {stage} are {bytes}");
            if (!IsTime(bandwidth))
                throw Impossible($"the bandwidth of {what} {stage} is {bandwidth}");
            if (!IsTime(links[stage].Time))
                throw Impossible($"a transfer over {what} {stage} takes {links[stage].Time}");
        }
    }

    private static bool IsTime(double value) => value is 0 or (>= Least and <= Most);

    private static ScheduleException Impossible(FormattableString problem) => new(
        $"Costs: {FormattableString.Invariant(problem)}.",
        FormattableString.Invariant($"times and bandwidths are 0, or from {Least} to {Most}; bytes from 0 to {MostBytes}."));

    private static ImmutableArray<T> Same<T>(T value, int count) => [.. Enumerable.Repeat(value, Math.Max(0, count))];
}
