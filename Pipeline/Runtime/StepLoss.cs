namespace AutogradCore.Pipeline;

/// <summary>How the losses of microbatches make the loss of their step, whose gradient is taken.</summary>
public enum StepLoss
{
    /// <summary>The mean over all targets that count: each microbatch weighs as many as its own loss is a mean over, which
    /// <see cref="IMicrobatches.Weight"/> says. The gradient is that of one batch, however it is cut. A step in which nothing
    /// counts has loss 0 and zero gradients.</summary>
    MeanOverTargets,

    /// <summary>The mean of the microbatches' losses, however many targets each of them counts.</summary>
    MeanOverMicrobatches,

    /// <summary>The sum of the microbatches' losses: for a loss that is itself a sum over targets.</summary>
    Sum,
}
