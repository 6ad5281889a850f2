using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>What a simulated schedule costs, without its events; cheap for millions of actions.</summary>
public sealed record SimulationSummary
{
    /// <summary>From the first start to the last end.</summary>
    public required double Makespan { get; init; }

    /// <summary>Idle share of ranks x makespan.</summary>
    public required double BubbleRatio { get; init; }

    /// <summary>For each rank, the time without F, I, W or B.</summary>
    public required ImmutableArray<double> Idle { get; init; }

    /// <summary>For each rank, how many microbatches' state it holds at most.</summary>
    public required ImmutableArray<HeldState> Held { get; init; }

    /// <summary>For each rank, the most bytes held, parameters included, by <see cref="StageCosts.Memory"/>.</summary>
    public required ImmutableArray<long> PeakBytes { get; init; }

    /// <summary>For each rank, the part of <see cref="PeakBytes"/> that parameters, gradients and optimizer state take.</summary>
    public required ImmutableArray<long> ParameterBytes { get; init; }
}
