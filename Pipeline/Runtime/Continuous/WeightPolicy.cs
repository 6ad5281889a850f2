namespace AutogradCore.Pipeline;

/// <summary>Which weight version a microbatch runs with, where updates do not wait for the pipeline to run empty.</summary>
public enum WeightPolicy
{
    /// <summary>PipeDream-2BW (arXiv 2006.09503): all microbatches of batch t run forward and backward with version max(t-1, 0),
    /// and W(t+1) = W(t) - step(gradient of batch t): one update late, the same on all stages. Two versions live.</summary>
    TwoBuffered,

    /// <summary>PipeDream (SOSP 2019): every microbatch is a batch of its own; F uses the newest version of its stage, the
    /// backward pass the one that its F used, and an update follows. Stage s of N is N-1-s updates late and holds N-s
    /// versions.</summary>
    Stashed,
}
