using System.Globalization;
using System.Text;

namespace AutogradCore.Pipeline;

/// <summary>Draws a schedule as text: one row per rank, one column per position in the ranks' lists.</summary>
internal static class ScheduleGrid
{
    private const int StepsBefore = 4;
    private const int StepsAfter = 1;
    private const int RanksAround = 3;

    internal static void Draw(Schedule schedule, TextWriter text)
    {
        var steps = schedule.Actions.Select(list => list.Length).DefaultIfEmpty().Max();
        Draw(schedule, 0..steps, 0..schedule.Ranks, null, "", text);
    }

    /// <summary>The neighbourhood of one cell, the cell in brackets and a note after its row.</summary>
    internal static string DrawAround(Schedule schedule, int rank, int step, string note)
    {
        using var text = new StringWriter();
        Draw(
            schedule,
            Math.Max(0, step - StepsBefore)..(step + StepsAfter + 1),
            Math.Max(0, rank - RanksAround)..Math.Min(schedule.Ranks, rank + RanksAround + 1),
            (rank, step),
            note,
            text);
        return text.ToString();
    }

    private static void Draw(
        Schedule schedule, Range steps, Range ranks, (int Rank, int Step)? mark, string note, TextWriter text)
    {
        var (first, last) = (steps.Start.Value, steps.End.Value);
        var (top, bottom) = (ranks.Start.Value, ranks.End.Value);
        var label = "rank ".Length + Digits(schedule.Ranks - 1);
        var width = Digits(last - 1);
        for (var rank = top; rank < bottom; rank++)
            for (var step = first; step < Math.Min(last, schedule[rank].Length); step++)
                width = Math.Max(width, Width(schedule[rank][step]));

        var line = new StringBuilder("step".PadLeft(label) + " ");
        for (var step = first; step < last; step++)
            line.Append(step.ToString(CultureInfo.InvariantCulture).PadLeft(width + 1)).Append(' ');
        text.Write(Finished(line));
        for (var rank = top; rank < bottom; rank++)
        {
            line.Append("rank ").Append(rank.ToString(CultureInfo.InvariantCulture).PadLeft(label - 5)).Append(' ');
            for (var step = first; step < last; step++)
            {
                var cell = Cell(schedule, rank, step);
                var marked = mark == (rank, step);
                line.Append((marked ? $"[{cell}]" : cell + " ").PadLeft(width + 2));
            }
            if (mark?.Rank == rank && note.Length > 0)
                line.Append(" <- ").Append(note);
            text.Write('\n');
            text.Write(Finished(line));
        }
    }

    private static string Finished(StringBuilder line)
    {
        var text = line.ToString().TrimEnd();
        line.Clear();
        return text;
    }

    private static int Width(Action action) =>
        Digits(action.Stage) + action.Kind.Text().Length
        + (action.Microbatch == Action.NoMicrobatch ? 0 : Digits(action.Microbatch));

    private static string Cell(Schedule schedule, int rank, int step) =>
        step < schedule[rank].Length ? schedule[rank][step].ToString() : "";

    private static int Digits(int number) => number < 10 ? 1 : 1 + Digits(number / 10);
}
