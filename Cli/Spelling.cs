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
           let distance = Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant())
           where distance <= Math.Max(word.Length > 3 ? 2 : 1, word.Length / 3)
               || (word.Length > 2 && candidate.Contains(word, StringComparison.OrdinalIgnoreCase))
           orderby distance
           select candidate,
    ];

    /// <summary>Levenshtein's distance, row by row.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) =
                    (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
