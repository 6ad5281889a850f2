using System.Globalization;

namespace AutogradCore.Pipeline;

/// <summary>Reads digits, letters, digits: the grammar of an action.</summary>
internal static class ActionParser
{
    /// <summary>Where the text stops being an action, and what was expected there.</summary>
    internal readonly record struct Mistake(int Position, string Expected);

    internal static Mistake? Read(ReadOnlySpan<char> text, out Action action)
    {
        action = default;
        var kindAt = Span(text, 0, char.IsAsciiDigit);
        if (!TryNumber(text[..kindAt], out var stage))
            return new(0, "a stage number");
        var microbatchAt = Span(text, kindAt, c => char.IsAsciiLetter(c) || c == '_');
        if (!ActionKinds.TryParse(text[kindAt..microbatchAt], out var kind))
            return new(kindAt, $"one of {string.Join(", ", ActionKinds.All)}");
        if (kind.IsStageWide() && microbatchAt == text.Length)
        {
            action = new(stage, kind, Action.NoMicrobatch);
            return null;
        }
        var end = Span(text, microbatchAt, char.IsAsciiDigit);
        if (kind.IsStageWide())
            return new(microbatchAt, "the end of the action");
        if (!TryNumber(text[microbatchAt..end], out var microbatch))
            return new(microbatchAt, "a microbatch number");
        if (end != text.Length)
            return new(end, "the end of the action");
        action = new(stage, kind, microbatch);
        return null;
    }

    private static int Span(ReadOnlySpan<char> text, int at, Func<char, bool> belongs)
    {
        while (at < text.Length && belongs(text[at]))
            at++;
        return at;
    }

    // int.MaxValue itself is refused so that counts (largest number + 1) cannot overflow.
    private static bool TryNumber(ReadOnlySpan<char> digits, out int number) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < int.MaxValue;
}
