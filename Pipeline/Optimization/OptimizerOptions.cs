namespace AutogradCore.Pipeline;

/// <summary>How hard <see cref="ScheduleOptimizer"/> tries.</summary>
public sealed record OptimizerOptions
{
    /// <summary>How many changes the local search tries; 0 keeps the best heuristic.</summary>
    /// <exception cref="ScheduleException">Negative.</exception>
    public int Moves { get; init => field = NotNegative(value, "moves"); } = 400_000;

    /// <summary>How many partial schedules branch and bound visits at most; 0 leaves it out.</summary>
    /// <remarks>It proves the optimum for a handful of microbatches on few stages, and is not tried on more.</remarks>
    /// <exception cref="ScheduleException">Negative.</exception>
    public int Nodes { get; init => field = NotNegative(value, "nodes"); } = 200_000;

    /// <summary>The seed of the local search; equal seeds give equal results.</summary>
    public int Seed { get; init; } = 1;

    private static int NotNegative(int value, string what) =>
        value >= 0 ? value : throw new ScheduleException($"The optimizer was given {value} {what}.", "give 0 or more.");
}
