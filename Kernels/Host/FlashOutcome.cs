namespace AutogradCore.Kernels.Host;

/// <summary>What the parts of one attention call found: written by any of them, read after all.</summary>
internal sealed class FlashOutcome
{
    /// <summary>Whether all results are finite. If they are not, some may differ from the sums over visible keys alone: within a
    /// block a hidden weight of zero meets every value.</summary>
    public bool IsFinite { get; set; } = true;
}
