using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>What one step gave.</summary>
/// <param name="Step">The step's number, from 0.</param>
/// <param name="Loss">The mean loss over its microbatches.</param>
/// <param name="GradientNorm">The global norm before clipping; NaN without clipping.</param>
/// <param name="Seconds">Wall time; of steps that overlap, the time since the one before was done.</param>
internal readonly record struct StepLoss(int Step, double Loss, double GradientNorm, double Seconds);

/// <summary>Steps from one empty pipeline to the next: one step with a flush, many without.</summary>
/// <param name="Steps">How many.</param>
/// <param name="Seconds">Wall time of all of them.</param>
/// <param name="Timeline">What ran when.</param>
internal sealed record Stretch(int Steps, double Seconds, Timeline Timeline)
{
    /// <summary>No step: the first one was given up.</summary>
    public static Stretch None(int ranks) => new(0, 0, new Timeline("none", ranks, [], TimeUnit.Seconds));
}
