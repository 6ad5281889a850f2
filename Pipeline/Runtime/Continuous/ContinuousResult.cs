namespace AutogradCore.Pipeline;

/// <summary>What one batch of a run without flushes gave.</summary>
/// <param name="Batch">The batch's number since training began, from 0.</param>
/// <param name="Loss">The loss over its microbatches as <see cref="StepLoss"/> says, each at the weights that it ran
/// with.</param>
/// <param name="GradientNorm">The global norm before clipping; NaN when no clipping was asked for.</param>
public readonly record struct BatchResult(int Batch, double Loss, double GradientNorm);

/// <summary>What a run without flushes gave.</summary>
/// <param name="Batches">The batches, in order.</param>
/// <param name="Seconds">Wall time of the whole run, filling and draining included.</param>
/// <param name="Timeline">What ran when, in seconds from the start of the run. Microbatch i of the run's batch t has number
/// t·m + i, and U t is the update of batch t, at the moment when the stage made it.</param>
public sealed record ContinuousResult(IReadOnlyList<BatchResult> Batches, double Seconds, Timeline Timeline);
