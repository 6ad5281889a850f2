using System.Globalization;
using System.Text;

namespace AutogradCore.Pipeline;

/// <summary>The page's summary: one row per timeline, differences to the first in per cent.</summary>
internal static class TimelinePageTable
{
    private static readonly string[] Columns =
        ["Timeline", "Makespan", "Speed", "Bubble", "Busy per rank", "Most held by a rank", "Critical path"];

    internal static string Write(IReadOnlyList<TimelineFacts> facts)
    {
        var html = new StringBuilder("<table><thead><tr>");
        foreach (var column in Columns)
            html.Append($"<th scope=\"col\">{column}</th>");
        html.Append("</tr></thead><tbody>");
        for (var i = 0; i < facts.Count; i++)
            Row(html, i, facts[i], facts[0]);
        return html.Append("</tbody></table>").ToString();
    }

    private static void Row(StringBuilder html, int index, TimelineFacts facts, TimelineFacts first)
    {
        var (timeline, baseline) = (facts.Timeline, first.Timeline);
        var axis = new TimeAxis(timeline.Makespan, timeline.Unit);
        var comparable = index > 0 && timeline.Unit == baseline.Unit;
        html.Append($"<tr><th scope=\"row\"><a href=\"#panel{index}\">{TimelinePage.Html(timeline.Name)}</a></th>");
        Cell(html, 1, $"{axis.Text(timeline.Makespan)} {axis.Unit}",
            comparable ? Change(timeline.Makespan, baseline.Makespan) : null, lessIsBetter: true);
        Cell(html, 2, comparable && timeline.Makespan > 0 ? Invariant($"× {baseline.Makespan / timeline.Makespan:0.000}") : "");
        Cell(html, 3, Share(timeline.BubbleRatio),
            index > 0 ? Change(timeline.BubbleRatio, baseline.BubbleRatio) : null, lessIsBetter: true);
        Cell(html, 4, Busy(timeline));
        var alike = index > 0 && facts.Held.InBytes == first.Held.InBytes;
        Cell(html, 5, Held(facts.Held), alike ? Change(facts.Held.Peak, first.Held.Peak) : null, lessIsBetter: true);
        Cell(html, 6, timeline.Makespan > 0
            ? $"{facts.Chain.Events.Length} actions, {Share(facts.Chain.Waiting / timeline.Makespan)} waiting" : "");
        html.Append("</tr>");
    }

    // The column's name stands in the cell too, for narrow screens, where each row is a list.
    private static void Cell(StringBuilder html, int column, string text, double? change = null, bool lessIsBetter = false)
    {
        html.Append($"<td data-column=\"{Columns[column]}\"><span>").Append(text.Length == 0 ? "–" : text);
        if (change is { } ratio)
        {
            var sense = Math.Abs(ratio) < 5e-4 ? "same" : ratio < 0 == lessIsBetter ? "better" : "worse";
            html.Append(CultureInfo.InvariantCulture, $" <span class=\"{sense}\">{100 * ratio:+0.0;−0.0;±0.0} %</span>");
        }
        html.Append("</span></td>");
    }

    private static string Busy(Timeline timeline)
    {
        if (timeline.Ranks == 0 || timeline.Makespan == 0)
            return "";
        var shares = Enumerable.Range(0, timeline.Ranks).Select(rank => timeline.Busy(rank) / timeline.Makespan).ToArray();
        var (least, most) = (Share(shares.Min()), Share(shares.Max()));
        return least == most ? most : $"{least} to {most}";
    }

    private static string Held(HeldCurve held) =>
        held.InBytes ? Bytes(held.Peak) : held.Peak == 1 ? "1 microbatch" : $"{held.Peak} microbatches";

    private static string Bytes(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        var unit = 0;
        for (; value >= 1024 && unit < units.Length - 1; unit++)
            value /= 1024;
        return Invariant($"{value:0.##} {units[unit]}");
    }

    private static double? Change(double value, double from) => from > 0 ? value / from - 1 : null;

    private static string Share(double share) => Invariant($"{100 * share:0.0} %");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
