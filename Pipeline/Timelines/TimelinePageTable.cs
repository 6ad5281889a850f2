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
        HeldCell(html, 5, facts, index > 0 && facts.Held.InBytes == first.Held.InBytes ? first : null);
        Cell(html, 6, timeline.Makespan > 0
            ? $"{facts.Chain.Events.Length} actions, {Share(facts.Chain.Waiting / timeline.Makespan)} waiting" : "");
        html.Append("</tr>");
    }

    // The column's name stands in the cell too, for narrow screens, where each row is a list.
    private static void Open(StringBuilder html, int column) => html.Append($"<td data-column=\"{Columns[column]}\"><span>");

    private static void Cell(StringBuilder html, int column, string text, double? change = null, bool lessIsBetter = false)
    {
        Open(html, column);
        html.Append(text.Length == 0 ? "–" : text).Append(Difference(change, lessIsBetter)).Append("</span></td>");
    }

    private static string Difference(double? change, bool lessIsBetter)
    {
        if (change is not { } ratio)
            return "";
        var sense = Math.Abs(ratio) < 5e-4 ? "same" : ratio < 0 == lessIsBetter ? "better" : "worse";
        return Invariant($" <span class=\"{sense}\">{100 * ratio:+0.0;−0.0;±0.0} %</span>");
    }

    // Bytes of graph state are compared with the same. With parameters only what knows its parameters has a number.
    private static void HeldCell(StringBuilder html, int column, TimelineFacts facts, TimelineFacts? first)
    {
        var change = first is null ? null : Change(facts.Held.Peak, first.Held.Peak);
        Open(html, column);
        html.Append(Held(facts.Held)).Append(Difference(change, lessIsBetter: true));
        if (WithParameters(facts) is { } all)
        {
            var more = first is not null && WithParameters(first) is { } before ? Change(all, before) : null;
            html.Append($", {Bytes(all)} with them").Append(Difference(more, lessIsBetter: true));
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
        held.InBytes ? $"{Bytes(held.Peak)} without parameters"
        : held.Peak == 1 ? "1 microbatch"
        : Invariant($"{held.Peak:0.##} microbatches");

    private static double? WithParameters(TimelineFacts facts) =>
        facts.Held.InBytes && !facts.Timeline.ParameterBytes.IsEmpty ? facts.Held.PeakWith(facts.Timeline.ParameterBytes) : null;

    private static string Bytes(double value)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var unit = 0;
        for (; value >= 1024 && unit < units.Length - 1; unit++)
            value /= 1024;
        return Invariant($"{value:0.##} {units[unit]}");
    }

    private static double? Change(double value, double from) => from > 0 ? value / from - 1 : null;

    private static string Share(double share) => Invariant($"{100 * share:0.0} %");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
