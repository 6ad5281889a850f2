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
                && EditDistance.Between(word, candidate) is var edits
                && edits <= Math.Max(2, candidate.Length / 3) && edits < least)
                (nearest, least) = (candidate, edits);
        return nearest;
    }
}
