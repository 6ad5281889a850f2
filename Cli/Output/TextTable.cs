using System.Globalization;
using System.Text;

namespace AutogradCore.Cli;

/// <summary>A table in letters, with rounded corners; cells wrap where the width is too small.</summary>
/// <param name="columns">The heads of the columns; a table of empty ones has no head.</param>
internal sealed class TextTable(params IReadOnlyList<string> columns)
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Adds a row with a cell for each column.</summary>
    public void Add(params IReadOnlyList<string> cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Count, columns.Count);
        _rows.Add(cells);
    }

    /// <summary>The table as lines of at most <paramref name="width"/> columns, as far as one letter per cell allows.</summary>
    public string Draw(int width)
    {
        int[] widths = Widths(width);
        StringBuilder text = new();
        Rule(text, widths, "╭┬╮");
        if (columns.Any(head => head.Length > 0))
        {
            Row(text, widths, columns);
            Rule(text, widths, "├┼┤");
        }
        foreach (IReadOnlyList<string> row in _rows) Row(text, widths, row);
        Rule(text, widths, "╰┴╯");
        return text.ToString();
    }

    /// <summary>As wide as the cells; of a table that is too wide, the widest columns give way.</summary>
    private int[] Widths(int width)
    {
        int[] widths = [.. Enumerable.Range(0, columns.Count)
            .Select(c => _rows.Append(columns).Max(row => row[c].Split('\n').Max(Length)))];
        for (int over = widths.Sum(w => w + 3) + 1 - width; over > 0 && widths.Max() > 1; over--)
            widths[Array.IndexOf(widths, widths.Max())]--;
        return widths;
    }

    private static void Rule(StringBuilder text, int[] widths, string corners) =>
        text.Append(corners[0]).AppendJoin(corners[1], widths.Select(w => new string('─', w + 2))).Append(corners[2])
            .Append('\n');

    private static void Row(StringBuilder text, int[] widths, IReadOnlyList<string> cells)
    {
        string[][] lines = [.. cells.Select((cell, c) => cell.Split('\n').SelectMany(line => Wrap(line, widths[c])).ToArray())];
        for (int i = 0; i < lines.Max(cell => cell.Length); i++)
        {
            for (int c = 0; c < cells.Count; c++)
            {
                string line = i < lines[c].Length ? lines[c][i] : "";
                text.Append("│ ").Append(line).Append(' ', Math.Max(0, widths[c] - Length(line)) + 1);
            }
            text.Append("│\n");
        }
    }

    /// <summary>Breaks a line at spaces, and words that are too long anywhere.</summary>
    private static IEnumerable<string> Wrap(string line, int width)
    {
        while (Length(line) > width)
        {
            int[] letters = StringInfo.ParseCombiningCharacters(line);
            int room = letters[width]; // the first index that does not fit
            int space = line.LastIndexOf(' ', room);
            yield return space > 0 ? line[..space] : line[..room];
            line = space > 0 ? line[(space + 1)..] : line[room..];
        }
        yield return line;
    }

    private static int Length(string text) => new StringInfo(text).LengthInTextElements;
}
