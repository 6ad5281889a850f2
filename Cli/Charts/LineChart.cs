using System.Globalization;
using System.Text;
using System.Xml;

namespace AutogradCore.Cli;

/// <summary>A line chart as one self-contained SVG document, for loss curves.</summary>
/// <remarks>
/// Colours are Okabe and Ito's eight, made for colour-blind readers ("Color Universal Design", 2008), without the yellow that
/// fades on white; dashes change when the colours start again. The same input gives the same bytes.
/// </remarks>
internal sealed record LineChart(string Title, string XLabel, string YLabel, IReadOnlyList<ChartSeries> Series)
{
    private const double Width = 800, Height = 480, Top = 44, Bottom = 56, Letter = 6.8, Gap = 8;
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];
    private static readonly string[] Dashes = ["none", "8 4", "2 3", "10 3 2 3"];

    // The margins of the plot, as wide as the ticks' labels need.
    private double Left { get; init; }

    private double Right { get; init; }

    private double Middle => (Left + Width - Right) / 2;

    /// <summary>The chart as SVG text.</summary>
    public string ToSvg()
    {
        ChartAxis x = ChartAxis.Over(Series.SelectMany(s => s.Pieces()).SelectMany(p => p).Select(p => p.X));
        ChartAxis y = ChartAxis.Over(Series.SelectMany(s => s.Pieces()).SelectMany(p => p).Select(p => p.Y));
        double widest = y.Ticks().Max(tick => tick.Label.Length), last = x.Ticks().Last().Label.Length;
        LineChart chart = this with { Left = 28 + Gap + (widest * Letter), Right = Math.Max(20, Gap + (last * Letter / 2)) };
        return chart.ToSvg(x, y);
    }

    private string ToSvg(ChartAxis x, ChartAxis y)
    {
        var text = new StringBuilder();
        using (var svg = XmlWriter.Create(
            text, new XmlWriterSettings { Indent = true, OmitXmlDeclaration = true, NewLineChars = "\n" }))
        {
            Open(svg, "svg", "http://www.w3.org/2000/svg", ("viewBox", $"0 0 {Width} {Height}"), ("width", Number(Width)),
                ("height", Number(Height)), ("font-family", "sans-serif"), ("font-size", "12"), ("role", "img"));
            svg.WriteElementString("title", Clean(Title));
            Element(svg, "rect", ("width", "100%"), ("height", "100%"), ("fill", "white"));
            double size = Math.Min(16, 1.8 * (Width - Left - Right) / Math.Max(1, Title.Length)); // long titles are small
            Text(svg, Title, Middle, 24, "middle", ("font-size", Number(size)));
            DrawAxes(svg, x, y);
            for (int i = 0; i < Series.Count; i++)
                DrawSeries(svg, i, x, y);
            for (int i = 0; i < Series.Count; i++)
                DrawLegend(svg, i);
            svg.WriteEndElement();
        }
        return text.Append('\n').ToString();
    }

    private void DrawAxes(XmlWriter svg, ChartAxis x, ChartAxis y)
    {
        foreach ((double value, string label) in x.Ticks())
        {
            Line(svg, AtX(x, value), Top, AtX(x, value), Height - Bottom, "#DDDDDD");
            Text(svg, label, AtX(x, value), Height - Bottom + 18, "middle");
        }
        foreach ((double value, string label) in y.Ticks())
        {
            Line(svg, Left, AtY(y, value), Width - Right, AtY(y, value), "#DDDDDD");
            Text(svg, label, Left - Gap, AtY(y, value) + 4, "end");
        }
        Line(svg, Left, Height - Bottom, Width - Right, Height - Bottom, "#333333");
        Line(svg, Left, Top, Left, Height - Bottom, "#333333");
        Text(svg, XLabel, Middle, Height - 14, "middle");
        double middle = (Top + Height - Bottom) / 2;
        Text(svg, YLabel, 18, middle, "middle", ("transform", $"rotate(-90 18 {Number(middle)})"));
    }

    private void DrawSeries(XmlWriter svg, int index, ChartAxis x, ChartAxis y)
    {
        foreach (List<(double X, double Y)> piece in Series[index].Pieces())
        {
            if (piece.Count == 1)
                Element(svg, "circle", ("cx", Number(AtX(x, piece[0].X))), ("cy", Number(AtY(y, piece[0].Y))), ("r", "2.5"),
                    ("fill", Colour(index)));
            else
                Element(svg, "polyline", ("fill", "none"), ("stroke", Colour(index)), ("stroke-width", "1.8"),
                    ("stroke-linejoin", "round"), ("stroke-dasharray", Dash(index)),
                    ("points", string.Join(' ', piece.Select(p => $"{Number(AtX(x, p.X))},{Number(AtY(y, p.Y))}"))));
        }
    }

    private void DrawLegend(XmlWriter svg, int index)
    {
        double at = Top + 14 + (18 * index);
        Text(svg, Series[index].Name, Width - Right - 48, at + 4, "end");
        Element(svg, "line", ("x1", Number(Width - Right - 40)), ("y1", Number(at)),
            ("x2", Number(Width - Right - 8)), ("y2", Number(at)),
            ("stroke", Colour(index)), ("stroke-width", "2.5"), ("stroke-dasharray", Dash(index)));
    }

    private static string Colour(int index) => Colours[index % Colours.Length];

    private static string Dash(int index) => Dashes[index / Colours.Length % Dashes.Length];

    private double AtX(ChartAxis axis, double value) => Left + (axis.Position(value) * (Width - Right - Left));

    private static double AtY(ChartAxis axis, double value) => Height - Bottom - (axis.Position(value) * (Height - Bottom - Top));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Drops the characters that XML cannot hold even when escaped.</summary>
    private static string Clean(string text)
        => string.Concat(text.EnumerateRunes().Where(r => r.Value > 0xFFFF || XmlConvert.IsXmlChar((char)r.Value)));

    private static void Line(XmlWriter svg, double x1, double y1, double x2, double y2, string colour)
        => Element(
            svg, "line", ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)), ("stroke", colour));

    private static void Text(
        XmlWriter svg, string text, double x, double y, string anchor, params (string Name, string Value)[] more)
    {
        Open(svg, "text", null, [("x", Number(x)), ("y", Number(y)), ("text-anchor", anchor), ("fill", "#222222"), .. more]);
        svg.WriteString(Clean(text));
        svg.WriteEndElement();
    }

    private static void Element(XmlWriter svg, string name, params (string Name, string Value)[] attributes)
    {
        Open(svg, name, null, attributes);
        svg.WriteEndElement();
    }

    private static void Open(XmlWriter svg, string name, string? space, params (string Name, string Value)[] attributes)
    {
        if (space is null)
            svg.WriteStartElement(name);
        else
            svg.WriteStartElement(name, space);
        foreach ((string attribute, string value) in attributes)
            svg.WriteAttributeString(attribute, value);
    }
}
