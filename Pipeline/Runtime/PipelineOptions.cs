using AutogradCore.Optim;

namespace AutogradCore.Pipeline;

/// <summary>How a <see cref="PipelineRunner"/> trains.</summary>
public sealed record PipelineOptions
{
    /// <summary>Output of the last layer and targets to the scalar loss of a microbatch: its mean over the targets that count.
    /// <see cref="StepLoss"/> says how these losses make that of the step.</summary>
    public required Func<Value, Value, Value> Loss { get; init; }

    /// <summary>How the losses of microbatches make the loss of a step, which is minimised: by default the mean over all targets
    /// that count, so that microbatches of unequal count have the gradient of one batch.</summary>
    public StepLoss StepLoss { get; init; }

    /// <summary>Makes the optimizer of a stage from its parameters.</summary>
    public required Func<IReadOnlyList<Parameter>, Optimizer> Optimizer { get; init; }

    /// <summary>The seed of dropout and the like.</summary>
    public ulong Seed { get; init; }

    /// <summary>The largest global gradient norm, positive and finite; no clipping when null.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Adjacent W of consecutive microbatches run as one call; the bits are the same.</summary>
    public bool FuseWeights { get; init; } = true;

    /// <summary>While a rank waits for a message it runs W that its list has for later; the bits are the same.</summary>
    public bool Opportunistic { get; init; }

    /// <summary>Every action waits until its device is done, so that the timeline shows when work ran; otherwise it shows when
    /// the work was queued. Costs time on devices, nothing on backends that work at once; the bits are the same.</summary>
    public bool TimesActions { get; init; }

    /// <summary>The stages whose F keeps only what it received, and whose I or B computes the rest again with the same random
    /// numbers: less memory for more time, the same bits. None when null.</summary>
    public Func<int, bool>? Recompute { get; init; }

    /// <summary>Checks every result for NaN and infinity, naming the op.</summary>
    public bool DetectAnomaly { get; init; }

    /// <summary>Gradients accumulate in the order in which the schedule lists its W (or B), where that is not the order of the
    /// microbatches. Such a schedule then holds no more than it says, but its bits are those of its own order. By default a W
    /// before its turn is held back (<see cref="AscendingWeights"/>), and the bits are those of one device.</summary>
    public bool AccumulatesAsListed { get; init; }
}

/// <summary>What a step gave.</summary>
/// <param name="Step">The step's number, from 0.</param>
/// <param name="Loss">The loss, as <see cref="StepLoss"/> says, before the update.</param>
/// <param name="GradientNorm">The global norm before clipping; NaN when no clipping was asked for.</param>
/// <param name="Seconds">Wall time of the whole step with its update.</param>
/// <param name="Timeline">What ran when, in seconds from the start of the step.</param>
public sealed record StepResult(int Step, double Loss, double GradientNorm, double Seconds, Timeline Timeline);
