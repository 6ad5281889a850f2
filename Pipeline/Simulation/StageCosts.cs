using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>How long F, I and W of each stage take for one microbatch, given or measured, and the links between stages.</summary>
/// <remarks>B takes I + W. Times are in <see cref="Unit"/>.</remarks>
public sealed class StageCosts
{
    /// <summary>Takes the costs stage by stage.</summary>
    /// <param name="forward">F of each stage.</param>
    /// <param name="inputs">I of each stage.</param>
    /// <param name="weights">W of each stage.</param>
    /// <param name="links">The link from stage s to s + 1 at index s; empty when transfers are free.</param>
    /// <param name="unit">What the numbers mean.</param>
    /// <exception cref="ScheduleException">The lists differ in length, or a time is negative or not finite.</exception>
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
        if (Forward.Concat(Inputs).Concat(Weights).Concat(Links.Select(link => link.Time)).Any(t => !double.IsFinite(t) || t < 0))
            throw new ScheduleException("Costs: a time is negative or not finite.", "times are 0 or more.");
    }

    /// <summary>The same costs for every stage.</summary>
    /// <param name="stages">How many stages.</param>
    /// <param name="forward">F.</param>
    /// <param name="inputs">I.</param>
    /// <param name="weights">W.</param>
    /// <param name="link">Every link; free by default.</param>
    /// <param name="unit">What the numbers mean.</param>
    /// <exception cref="ScheduleException">A time is negative or not finite.</exception>
    public static StageCosts Uniform(
        int stages, double forward = 1, double inputs = 1, double weights = 1,
        Link link = default, TimeUnit unit = TimeUnit.Units) =>
        new(Same(forward, stages), Same(inputs, stages), Same(weights, stages), Same(link, Math.Max(0, stages - 1)), unit);

    /// <summary>F of each stage.</summary>
    public ImmutableArray<double> Forward { get; }

    /// <summary>I of each stage.</summary>
    public ImmutableArray<double> Inputs { get; }

    /// <summary>W of each stage.</summary>
    public ImmutableArray<double> Weights { get; }

    /// <summary>The link from stage s to s + 1 at index s.</summary>
    public ImmutableArray<Link> Links { get; }

    /// <summary>What the numbers mean.</summary>
    public TimeUnit Unit { get; }

    /// <summary>How many stages there are.</summary>
    public int Stages => Forward.Length;

    /// <summary>How long an action keeps its rank busy; transfers are asynchronous and take none of its time.</summary>
    /// <param name="action">An action of one of the stages.</param>
    public double Of(Action action) => action.Kind switch
    {
        ActionKind.Forward => Forward[action.Stage],
        ActionKind.BackwardInputs => Inputs[action.Stage],
        ActionKind.BackwardWeights => Weights[action.Stage],
        ActionKind.Backward => Inputs[action.Stage] + Weights[action.Stage],
        _ => 0,
    };

    /// <summary>How long a transfer between two neighbouring stages on different ranks takes.</summary>
    /// <param name="stage">A stage.</param>
    /// <param name="other">The stage before or after it.</param>
    public double Transfer(int stage, int other) => Links[Math.Min(stage, other)].Time;

    private static ImmutableArray<T> Same<T>(T value, int count) => [.. Enumerable.Repeat(value, Math.Max(0, count))];
}
