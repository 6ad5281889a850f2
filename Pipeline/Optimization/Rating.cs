namespace AutogradCore.Pipeline;

/// <summary>How good a schedule is: its makespan, then the longest time of a rank from its first to its last action.</summary>
internal readonly record struct Rating(double Makespan, double Span)
{
    internal static Rating Of(Schedule schedule, StageCosts costs)
    {
        var (makespan, span) = Played.Run(schedule, costs).Spans();
        return new(makespan, span);
    }

    /// <summary>Better by more than rounding.</summary>
    internal bool IsBetterThan(Rating other) =>
        Makespan < other.Makespan * (1 - 1e-9)
        || (Makespan <= other.Makespan * (1 + 1e-9) && Span < other.Span * (1 - 1e-9));
}
