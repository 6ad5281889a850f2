using System.Globalization;
using System.Text;
using System.Xml;

namespace AutogradCore.Pipeline;

/// <summary>Draws timelines as SVG: one lane per rank, one bar per event, one time axis for all.</summary>
/// <remarks>Each bar carries its label and times as a tooltip, and the label itself where it fits.</remarks>
public sealed class TimelineSvg
{
    private const int Left = 70;
    private const int Right = 24;
    private const int Plot = 1000;
    private const int Lane = 22;
    private const int Caption = 34;
    private const double LetterWidth = 6.3;

    private readonly IReadOnlyList<Timeline> _timelines;
    private readonly TimeAxis _axis;
    private readonly XmlWriter _xml;

    private TimelineSvg(IReadOnlyList<Timeline> timelines, XmlWriter xml)
    {
        _timelines = timelines;
        _xml = xml;
        _axis = new(timelines.Select(t => t.Makespan).DefaultIfEmpty().Max(), timelines.Select(t => t.Unit).FirstOrDefault());
    }

    /// <summary>Draws one timeline.</summary>
    /// <param name="timeline">The timeline; its first start is drawn at 0.</param>
    /// <param name="title">A headline; the timeline's name is always shown above its lanes.</param>
    /// <returns>A complete SVG document.</returns>
    public static string Draw(Timeline timeline, string title = "") => Draw([timeline], title);

    /// <summary>Draws several timelines below each other over one common time axis.</summary>
    /// <param name="timelines">For example the simulated and the recorded run, or several schedules; all in one unit.</param>
    /// <param name="title">A headline.</param>
    /// <returns>A complete SVG document.</returns>
    /// <exception cref="ScheduleException">Some timelines are in seconds, others in units.</exception>
    public static string Draw(IReadOnlyList<Timeline> timelines, string title = "")
    {
        if (timelines.Select(t => t.Unit).Distinct().Count() > 1)
            throw new ScheduleException("Timelines in seconds and in units have no common axis.",
                "simulate with measured costs.");
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text, new() { Indent = true, OmitXmlDeclaration = true, NewLineChars = "\n" }))
            new TimelineSvg(timelines, xml).Document(title);
        return text.Append('\n').ToString();
    }

    private void Document(string title)
    {
        var lanes = _timelines.Sum(t => Caption + t.Ranks * Lane);
        var (width, height) = (Left + Plot + Right, 56 + lanes + 48);
        _xml.WriteStartElement("svg", "http://www.w3.org/2000/svg");
        Attributes(("viewBox", $"0 0 {width} {height}"), ("width", $"{width}"), ("height", $"{height}"),
            ("font-family", "Verdana, DejaVu Sans, sans-serif"), ("font-size", "11"));
        Rectangle(0, 0, width, height, "#FFFFFF");
        var size = Math.Min(15, 1.5 * (Plot + Right) / Math.Max(1, title.Length)); // long titles are small
        Text(Left, 22, title, ("font-size", Number(size)), ("font-weight", "bold"));
        Legend(Left, 34);
        double top = 56;
        foreach (var timeline in _timelines)
        {
            Text(Left, top + 22, Summary(timeline), ("font-weight", "bold"));
            top += Caption;
            Lanes(timeline, top);
            top += timeline.Ranks * Lane;
        }
        Axis(top + 4);
        _xml.WriteEndElement();
    }

    private string Summary(Timeline t) => string.Create(CultureInfo.InvariantCulture,
        $"{t.Name}: {_axis.Text(t.Makespan)} {_axis.Unit}, bubble {t.BubbleRatio:P1}");

    private void Legend(double x, double y)
    {
        var kinds = _timelines.SelectMany(t => t.Events).Select(e => e.Action.Kind).Distinct().Order();
        foreach (var kind in kinds.DistinctBy(TimelinePalette.Legend))
        {
            Rectangle(x, y, 12, 12, TimelinePalette.Of(kind));
            Text(x + 17, y + 10, TimelinePalette.Legend(kind));
            x += 34 + TimelinePalette.Legend(kind).Length * LetterWidth;
        }
    }

    private void Lanes(Timeline timeline, double top)
    {
        for (var rank = 0; rank < timeline.Ranks; rank++)
        {
            var y = top + rank * Lane;
            Text(Left - 8, y + 15, $"rank {rank}", ("text-anchor", "end"));
            Rectangle(Left, y + 1, Width(timeline.Makespan), Lane - 2, "#F2F2F2");
            foreach (var e in timeline.On(rank))
                Bar(e, e.Start - timeline.Start, y + 1);
        }
    }

    private void Bar(TimelineEvent e, double start, double y)
    {
        var (x, width) = (Left + Width(start), Width(e.Duration));
        _xml.WriteStartElement("g");
        Rectangle(x, y, width, Lane - 2, TimelinePalette.Of(e.Action.Kind), ("stroke", "#FFFFFF"), ("stroke-width", "0.5"),
            tooltip: $"{e.Label}: {_axis.Text(e.Duration)} {_axis.Unit} from {_axis.Text(start, 6)}");
        if (e.Label.Length * LetterWidth + 2 <= width)
            Text(x + width / 2, y + 14, e.Label, ("text-anchor", "middle"));
        _xml.WriteEndElement();
    }

    private void Axis(double y)
    {
        Rectangle(Left, y, Plot, 1, "#444444");
        foreach (var tick in _axis.Ticks())
        {
            Rectangle(Left + Width(tick), y, 1, 5, "#444444");
            Text(Left + Width(tick), y + 18, _axis.Text(tick), ("text-anchor", "middle"));
        }
        Text(Left + Plot / 2.0, y + 34, $"time ({_axis.Unit})", ("text-anchor", "middle"));
    }

    private double Width(double time) => time / _axis.Length * Plot;

    private void Rectangle(
        double x, double y, double width, double height, string fill,
        (string, string) one = default, (string, string) two = default, string? tooltip = null)
    {
        _xml.WriteStartElement("rect");
        Attributes(("x", Number(x)), ("y", Number(y)), ("width", Number(width)), ("height", Number(height)));
        Attributes(("fill", fill), one, two);
        if (tooltip is not null)
            _xml.WriteElementString("title", null, tooltip);
        _xml.WriteEndElement();
    }

    private void Text(double x, double y, string text, (string, string) one = default, (string, string) two = default)
    {
        if (text.Length == 0)
            return;
        _xml.WriteStartElement("text");
        Attributes(("x", Number(x)), ("y", Number(y)), one, two);
        _xml.WriteString(Printable(text));
        _xml.WriteEndElement();
    }

    private void Attributes(params ReadOnlySpan<(string? Name, string? Value)> attributes)
    {
        foreach (var (name, value) in attributes)
            if (name is not null)
                _xml.WriteAttributeString(name, value);
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    // Control characters cannot be written in XML at all, not even escaped.
    private static string Printable(string text) => string.Concat(text.Select(c => XmlConvert.IsXmlChar(c) ? c : '?'));
}
