namespace AutogradCore.Cli;

/// <summary>A result that cannot be written.</summary>
internal sealed class OutputException(string message, string? hint = null, Exception? inner = null)
    : AutogradException(message, hint, inner);
