using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>Finds the word someone probably meant.</summary>
internal static class Spelling
{
    /// <summary>The nearest candidate by edit distance, when it is near; case does not count.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
        => Near(word, candidates) is [var near, ..] ? near : null;

    /// <summary>All candidates near a word, nearest first: within a third of its length in edits, or containing it.</summary>
    public static IReadOnlyList<string> Near(string word, IEnumerable<string> candidates) =>
    [
        .. from candidate in candidates.Distinct()
           let distance = EditDistance.Between(word, candidate)
           where distance <= Math.Max(word.Length > 3 ? 2 : 1, word.Length / 3)
               || (word.Length > 2 && candidate.Contains(word, StringComparison.OrdinalIgnoreCase))
           orderby distance
           select candidate,
    ];
}
