namespace AutogradCore.Pipeline;

/// <summary>What an optimiser found, and how far it can be from the best there is.</summary>
public sealed record OptimizedSchedule
{
    /// <summary>The schedule: F, I and W of every stage.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>Its simulated makespan.</summary>
    public required double Makespan { get; init; }

    /// <summary>No schedule of these stages on these ranks within this memory is shorter than this: proven.</summary>
    public required double Bound { get; init; }

    /// <summary>The makespan of the best schedule that the search started from.</summary>
    public required double Start { get; init; }

    /// <summary>How many changes the local search tried.</summary>
    public required int Moves { get; init; }

    /// <summary>How much longer than the bound the makespan is: 0.02 is 2 %.</summary>
    public double Gap => Bound > 0 ? Math.Max(0, Makespan / Bound - 1) : 0;

    /// <summary>Nothing shorter exists, up to rounding.</summary>
    public bool IsOptimal => Gap <= 1e-9;
}
