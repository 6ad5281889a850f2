using System.Collections.Immutable;

namespace AutogradCore.Pipeline;

/// <summary>PyTorch's schedule file (torch.distributed.pipelining, <c>_dump_csv</c> and <c>_load_csv</c>).</summary>
internal static class ScheduleCsv
{
    private const string Overlap = "OVERLAP_F_B";

    internal static void Write(Schedule schedule, TextWriter csv)
    {
        foreach (var list in schedule.Actions)
        {
            if (list.IsEmpty)
                csv.Write(','); // an idle rank is a row of idle cells
            for (var i = 0; i < list.Length; i++)
            {
                if (i > 0)
                    csv.Write(',');
                if (i + 1 < list.Length && Schedule.IsPair(list[i], list[i + 1]) && schedule.Overlapped.Contains(list[i]))
                    csv.Write($"({list[i]};{list[++i]}){Overlap}");
                else
                    csv.Write(list[i].ToString());
            }
            csv.Write('\n');
        }
    }

    internal static Schedule Read(TextReader csv, string name)
    {
        var cells = new CsvCells(csv, name);
        var overlapped = new HashSet<Action>();
        var ranks = ImmutableArray.CreateBuilder<ImmutableArray<Action>>();
        var list = ImmutableArray.CreateBuilder<Action>();
        while (cells.NextRow())
        {
            while (cells.NextCell(out var cell))
            {
                if (cell.StartsWith('('))
                {
                    var (first, second) = ReadPair(cell, cells);
                    overlapped.Add(first);
                    list.Add(first);
                    list.Add(second);
                }
                else if (!cell.IsEmpty)
                    list.Add(ReadAction(cell, 0, cell.Length, cells));
            }
            ranks.Add(list.DrainToImmutable());
        }
        return new(name, ranks.DrainToImmutable(), overlapped);
    }

    /// <summary>Two actions at once: <c>(0F3;7B1)OVERLAP_F_B</c>, with or without spaces between its parts.</summary>
    private static (Action First, Action Second) ReadPair(ReadOnlySpan<char> cell, CsvCells cells)
    {
        var close = cell.IndexOf(')');
        if (close < 0 || cell[(close + 1)..].Trim() is not Overlap)
            throw cells.Wrong(cell, Math.Max(close, 0), $"'(F;B){Overlap}'");
        var between = cell.IndexOf(';');
        if (between < 0 || between > close)
            throw cells.Wrong(cell, close, "two actions with ';' between them");
        var first = ReadAction(cell, 1, between, cells);
        var second = ReadAction(cell, between + 1, close, cells);
        if (!Schedule.IsPair(first, second))
            throw cells.Wrong(cell, 1, "F, then B or I");
        return (first, second);
    }

    private static Action ReadAction(ReadOnlySpan<char> cell, int from, int to, CsvCells cells)
    {
        while (from < to && char.IsWhiteSpace(cell[from]))
            from++;
        return ActionParser.Read(cell[from..to].TrimEnd(), out var action) is { } mistake
            ? throw cells.Wrong(cell, from + mistake.Position, mistake.Expected)
            : action;
    }
}
