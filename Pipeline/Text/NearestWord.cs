namespace AutogradCore.Pipeline;

/// <summary>Finds the known word that a misspelt one was meant to be.</summary>
internal static class NearestWord
{
    /// <summary>The known word with the fewest edits, at most 2 or a third of its letters; case does not count.</summary>
    internal static string? To(string word, ReadOnlySpan<string> known)
    {
        var (nearest, least) = ((string?)null, int.MaxValue);
        foreach (var candidate in known)
            if (Math.Abs(candidate.Length - word.Length) <= candidate.Length / 3 + 2
                && Edits(word.ToUpperInvariant(), candidate.ToUpperInvariant()) is var edits
                && edits <= Math.Max(2, candidate.Length / 3) && edits < least)
                (nearest, least) = (candidate, edits);
        return nearest;
    }

    // Levenshtein's distance, row by row.
    private static int Edits(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (var i = 1; i <= a.Length; i++)
        {
            (var diagonal, row[0]) = (row[0], i);
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) =
                    (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
