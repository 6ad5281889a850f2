using System.Text;

namespace AutogradCore;

/// <summary>Keeps messages readable that quote what a file or a caller gave, which may be megabytes on one line.</summary>
internal static class Excerpt
{
    /// <summary>The longest line that is shown whole, in characters.</summary>
    public const int Line = 2000;

    /// <summary>The longest text that is shown whole, in characters.</summary>
    public const int Text = 200_000;

    /// <summary>The text with its middle left out where a line, or all of it, is too long.</summary>
    public static string Of(string text)
    {
        if (text.Length <= Line) return text;
        StringBuilder shortened = new();
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
            shortened.Append(Cut(line, Line)).Append(Environment.NewLine);
        return Cut(shortened.ToString(0, shortened.Length - Environment.NewLine.Length), Text);
    }

    private static string Cut(ReadOnlySpan<char> text, int most)
    {
        if (text.Length <= most) return text.ToString();
        int start = most * 3 / 4, end = most / 8;
        if (char.IsHighSurrogate(text[start - 1])) start--;
        if (char.IsLowSurrogate(text[^end])) end--;
        return $"{text[..start]} ... ({text.Length - start - end} characters left out) ... {text[^end..]}";
    }
}
