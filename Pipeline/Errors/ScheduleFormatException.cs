namespace AutogradCore.Pipeline;

/// <summary>Text that should be an action, a schedule or a timeline is not: names the text and the position.</summary>
public sealed class ScheduleFormatException : AutogradException
{
    private const int Longest = 60;

    /// <summary>Creates the error for one action's text.</summary>
    /// <param name="text">The whole text that was read.</param>
    /// <param name="position">The offset of the first character that does not fit, from 0.</param>
    /// <param name="expected">What would have fitted there.</param>
    /// <param name="where">Which row and cell, or which file; null for a lone action.</param>
    /// <param name="inner">The error underneath, if any.</param>
    public ScheduleFormatException(string text, int position, string expected, string? where = null, Exception? inner = null)
        : base(
            $"{(where is null ? "" : where + ": ")}'{Quoted(text)}' at position {position}: expected {expected}.",
            "an action is [stage][kind][microbatch], for example 2F0, 1I3 or 0SEND_F1.",
            inner)
    {
        Text = text;
        Position = position;
    }

    /// <summary>Creates the error for a text whose mistake is not inside one action.</summary>
    /// <param name="message">What is wrong, and where.</param>
    /// <param name="hint">The next step.</param>
    /// <param name="inner">The error underneath, if any.</param>
    public ScheduleFormatException(string message, string hint, Exception? inner = null)
        : base(message, hint, inner) => Text = "";

    // A message that quotes a file of another kind stays short, and leaves the terminal as it is.
    private static string Quoted(string text) =>
        string.Concat((text.Length > Longest ? text[..Longest] + "..." : text).Select(c => char.IsControl(c) ? '\uFFFD' : c));

    /// <summary>The text that was read; empty when the mistake is not inside one action.</summary>
    public string Text { get; }

    /// <summary>The offset in <see cref="Text"/> of the first character that does not fit, from 0.</summary>
    public int Position { get; }
}
