namespace AutogradCore.Cli;

/// <summary>One line of a chart. A point whose x or y is not finite is a gap.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Points">In the order in which the line visits them; may be empty.</param>
internal sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>The unbroken pieces between gaps.</summary>
    public IEnumerable<List<(double X, double Y)>> Pieces()
    {
        var piece = new List<(double X, double Y)>();
        foreach ((double x, double y) in Points)
        {
            if (double.IsFinite(x) && double.IsFinite(y))
            {
                piece.Add((x, y));
                continue;
            }
            if (piece.Count > 0)
                yield return piece;
            piece = [];
        }
        if (piece.Count > 0)
            yield return piece;
    }
}
