namespace AutogradCore.Pipeline;

/// <summary>A pipeline that cannot be built, or a step that failed: names rank and action, and carries the cause.</summary>
public sealed class PipelineException : AutogradException
{
    /// <summary>A pipeline put together wrongly, or a step that failed as a whole.</summary>
    public PipelineException(string message, string? hint = null, Exception? cause = null) : base(message, hint, cause)
    {
    }

    /// <summary>An action that failed.</summary>
    public PipelineException(int rank, Action action, Exception cause)
        : base($"Rank {rank} failed in {action}: {cause.Message}", null, cause) => (Rank, Action) = (rank, action);

    /// <summary>The rank that failed, or null.</summary>
    public int? Rank { get; }

    /// <summary>The action that failed, or null.</summary>
    public Action? Action { get; }
}
