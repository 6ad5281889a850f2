namespace AutogradCore.Pipeline;

/// <summary>How far two words are apart, for hints about misspelt ones.</summary>
public static class EditDistance
{
    /// <summary>The fewest letters put in, left out or replaced that make one word the other (Levenshtein); case does not
    /// count.</summary>
    /// <param name="a">A word.</param>
    /// <param name="b">Another.</param>
    public static int Between(string a, string b)
    {
        (a, b) = (a.ToUpperInvariant(), b.ToUpperInvariant());
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
