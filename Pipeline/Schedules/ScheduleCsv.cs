using System.Text;

namespace AutogradCore.Pipeline;

/// <summary>PyTorch's schedule file (torch.distributed.pipelining, <c>_dump_csv</c> and <c>_load_csv</c>).</summary>
internal static class ScheduleCsv
{
    internal static string Write(Schedule schedule)
    {
        var text = new StringBuilder();
        foreach (var list in schedule.Actions)
            text.Append(list.IsEmpty ? "," : string.Join(',', list)).Append('\n'); // an idle rank is a row of idle cells
        return text.ToString();
    }

    internal static Schedule Read(string csv, string name)
    {
        // A blank line is no row, nor is a comment; an idle rank is a row of idle cells.
        var rows = csv.ReplaceLineEndings("\n").Split('\n').Select(row => row.Trim()).Where(row => row.Length > 0 && row[0] != '#');
        return new(name, rows.Select((row, rank) => ReadRow(row, rank, name)));
    }

    private static List<Action> ReadRow(string row, int rank, string name)
    {
        var list = new List<Action>();
        var cells = row.Split(',');
        for (var i = 0; i < cells.Length; i++)
        {
            var cell = cells[i].Trim();
            if (cell.Length == 0)
                continue;
            if (ActionParser.Read(cell, out var action) is { } mistake)
                throw new ScheduleFormatException(
                    cell, mistake.Position, mistake.Expected, $"{name}, row {rank + 1}, cell {i + 1}");
            list.Add(action);
        }
        return list;
    }
}
