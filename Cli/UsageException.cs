namespace AutogradCore.Cli;

/// <summary>Options that do not fit together: found before anything is read or written.</summary>
internal sealed class UsageException(string message, string? hint = null) : AutogradException(message, hint);
