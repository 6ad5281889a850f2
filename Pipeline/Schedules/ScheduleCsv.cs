using System.Collections.Immutable;
using System.Text;

namespace AutogradCore.Pipeline;

/// <summary>PyTorch's schedule file (torch.distributed.pipelining, <c>_dump_csv</c> and <c>_load_csv</c>).</summary>
internal static class ScheduleCsv
{
    private const string OverlapOpen = "(", OverlapClose = ")OVERLAP_F_B";

    internal static string Write(Schedule schedule)
    {
        var text = new StringBuilder();
        foreach (var list in schedule.Actions)
        {
            // An idle rank is a row of idle cells.
            text.Append(list.IsEmpty ? "," : string.Join(',', Cells(schedule, list))).Append('\n');
        }
        return text.ToString();
    }

    internal static Schedule Read(string csv, string name)
    {
        // A blank line is no row, nor is a comment; an idle rank is a row of idle cells.
        var rows = csv.ReplaceLineEndings("\n").Split('\n')
            .Select(row => row.Trim()).Where(row => row.Length > 0 && row[0] != '#');
        var overlapped = new HashSet<Action>();
        var actions = rows.Select((row, rank) => ReadRow(row, rank, name, overlapped)).ToList();
        return new(name, actions, overlapped);
    }

    private static IEnumerable<string> Cells(Schedule schedule, ImmutableArray<Action> list)
    {
        for (var i = 0; i < list.Length; i++)
            yield return i + 1 < list.Length && schedule.Overlapped.Contains(list[i])
                ? $"{OverlapOpen}{list[i]};{list[++i]}{OverlapClose}"
                : list[i].ToString();
    }

    private static List<Action> ReadRow(string row, int rank, string name, HashSet<Action> overlapped)
    {
        var list = new List<Action>();
        var cells = row.Split(',');
        for (var i = 0; i < cells.Length; i++)
        {
            var cell = cells[i].Trim();
            if (cell.Length == 0)
                continue;
            var where = $"{name}, row {rank + 1}, cell {i + 1}";
            if (cell.StartsWith(OverlapOpen, StringComparison.Ordinal))
            {
                var (first, second) = ReadPair(cell, where);
                overlapped.Add(first);
                list.Add(first);
                list.Add(second);
            }
            else
            {
                list.Add(ReadAction(cell, 0, cell.Length, where));
            }
        }
        return list;
    }

    /// <summary>Two actions at once: <c>(0F3;7B1)OVERLAP_F_B</c>.</summary>
    private static (Action First, Action Second) ReadPair(string cell, string where)
    {
        var close = cell.IndexOf(')', StringComparison.Ordinal);
        if (close < 0 || cell[close..] != OverlapClose)
            throw new ScheduleFormatException(cell, Math.Max(close, 0), $"'(F;B){OverlapClose[1..]}'", where);
        var between = cell.IndexOf(';', StringComparison.Ordinal);
        if (between < 0 || between > close)
            throw new ScheduleFormatException(cell, close, "two actions with ';' between them", where);
        var first = ReadAction(cell, OverlapOpen.Length, between, where);
        var second = ReadAction(cell, between + 1, close, where);
        if (first.Kind != ActionKind.Forward || second.Kind is not (ActionKind.Backward or ActionKind.BackwardInputs))
            throw new ScheduleFormatException(cell, OverlapOpen.Length, "F, then B or I", where);
        return (first, second);
    }

    private static Action ReadAction(string cell, int from, int to, string where) =>
        ActionParser.Read(cell.AsSpan()[from..to], out var action) is { } mistake
            ? throw new ScheduleFormatException(cell, from + mistake.Position, mistake.Expected, where)
            : action;
}
