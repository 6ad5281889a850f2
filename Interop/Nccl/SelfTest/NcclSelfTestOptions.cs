namespace AutogradCore.Interop;

/// <summary>How patient <see cref="NcclSelfTest"/> is.</summary>
public sealed record NcclSelfTestOptions
{
    /// <summary>The longest that a check may wait for NCCL. A quarter later its communicators are aborted from outside.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an abort, and the end of the check after it, may take before both are given up.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(15);
}
