namespace AutogradCore;

/// <summary>The root of every error this library raises on purpose:
/// what happened, and one <c>Hint:</c> line with the next step.</summary>
public class AutogradException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What happened: which op, tensor, file or action, with its shapes, offsets or position. Of a line
    /// of more than 2,000 characters the middle is left out.</param>
    /// <param name="hint">The next step for the reader, without the word "Hint";
    /// null when there is nothing useful to add.</param>
    /// <param name="inner">The error underneath, if any.</param>
    public AutogradException(string message, string? hint = null, Exception? inner = null)
        : base(Shown(message, hint), inner) => Hint = hint;

    /// <summary>The next step for the reader, or null.</summary>
    public string? Hint { get; }

    private static string Shown(string message, string? hint) => hint is null
        ? Excerpt.Of(message)
        : Excerpt.Of(message) + Environment.NewLine + "Hint: " + Excerpt.Of(hint);
}
