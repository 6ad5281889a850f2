using System.Text;
using AutogradCore.Pipeline;

namespace AutogradCore.Cli;

/// <summary>A timeline in letters: one line per rank; <c>F3===</c> is F of microbatch 3, <c>.</c> is idle.</summary>
/// <remarks>Where a rank has several stages, the stage stands before the letter; without room, the letter stands alone.</remarks>
internal static class TimelineText
{
    /// <summary>Draws a timeline into at most <paramref name="width"/> columns.</summary>
    public static string Draw(Timeline timeline, int width = 120)
    {
        bool severalStages = Enumerable.Range(0, timeline.Ranks)
            .Any(rank => timeline.On(rank).Select(e => e.Action.Stage).Distinct().Skip(1).Any());
        int label = $"rank {timeline.Ranks - 1}".Length;
        double scale = timeline.Makespan > 0 ? width / timeline.Makespan : 0;
        // Whole columns per unit where times are small whole numbers, so that equal bars look equal.
        if (scale >= 1 && timeline.Unit == TimeUnit.Units) scale = Math.Floor(scale);
        StringBuilder text = new();
        for (int rank = 0; rank < timeline.Ranks; rank++)
        {
            char[] line = new char[(int)Math.Ceiling(timeline.Makespan * scale)];
            Array.Fill(line, '.');
            foreach (TimelineEvent e in timeline.On(rank))
                if (e.Action.Kind.IsCompute())
                    Put(line, e, Column(e.Start), Column(e.End), severalStages);
            text.Append($"rank {rank}".PadRight(label)).Append("  ").Append(line).Append('\n');
        }
        return text.ToString();

        int Column(double time) => (int)Math.Round((time - timeline.Start) * scale);
    }

    private static void Put(char[] line, TimelineEvent e, int from, int to, bool withStage)
    {
        Span<char> room = line.AsSpan(Math.Min(from, line.Length), Math.Max(0, Math.Min(to, line.Length) - from));
        string letter = e.Action.Kind.Text();
        string whole = $"{(withStage ? e.Action.Stage : "")}{letter}{e.Action.Microbatch}";
        string text = whole.Length < room.Length || whole.Length == 2 && room.Length == 2 ? whole : letter;
        room.Fill(text == letter ? letter[0] : '=');
        text.AsSpan(0, Math.Min(text.Length, room.Length)).CopyTo(room);
    }
}
