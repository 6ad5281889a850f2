namespace AutogradCore;

/// <summary>The root of every error this library raises on purpose:
/// what happened, and one <c>Hint:</c> line with the next step.</summary>
public class AutogradException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What happened: which op, tensor, file or action, with its shapes, offsets or position.</param>
    /// <param name="hint">The next step for the reader, without the word "Hint";
    /// null when there is nothing useful to add.</param>
    /// <param name="inner">The error underneath, if any.</param>
    public AutogradException(string message, string? hint = null, Exception? inner = null)
        : base(hint is null ? message : message + Environment.NewLine + "Hint: " + hint, inner) => Hint = hint;

    /// <summary>The next step for the reader, or null.</summary>
    public string? Hint { get; }
}
