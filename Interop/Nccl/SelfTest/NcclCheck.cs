namespace AutogradCore.Interop;

/// <summary>One thing that NCCL was asked to do.</summary>
/// <param name="Name">What, such as <c>all-reduce, sum</c>.</param>
/// <param name="Passed">Whether it did.</param>
/// <param name="Skipped">Why it was not asked, or null.</param>
/// <param name="Detail">What it answered, or what went wrong; null when it was skipped.</param>
public sealed record NcclCheck(string Name, bool Passed, string? Skipped, string? Detail)
{
    /// <summary>Whether it was asked and did not do it.</summary>
    public bool Failed => !Passed && Skipped is null;
}
