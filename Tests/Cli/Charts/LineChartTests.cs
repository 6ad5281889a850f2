using System.Xml.Linq;
using AutogradCore.Cli;
using NUnit.Framework;

namespace AutogradCore.Tests.Cli;

public sealed class LineChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Test]
    public void A_series_is_one_line_inside_the_frame_and_one_legend_entry()
    {
        XElement svg = Draw(new ChartSeries("training", [(0, 5.5), (10, 3), (20, 2.5)]));
        XElement line = svg.Elements(Svg + "polyline").Single();
        double[] numbers = [.. line.Attribute("points")!.Value.Split(' ', ',').Select(double.Parse)];
        Assert.That(numbers, Has.Length.EqualTo(6));
        Assert.That(numbers, Is.All.InRange(0, 800));
        Assert.That(numbers[1], Is.LessThan(numbers[3]), "a larger loss is nearer to the top");
        Assert.That(Texts(svg), Does.Contain("training").And.Contain("loss").And.Contain("step"));
    }

    [Test]
    public void Not_a_number_breaks_the_line_and_a_lone_point_is_a_dot()
    {
        XElement svg = Draw(
            new ChartSeries("a", [(0, 1), (1, 2), (2, double.NaN), (3, 1), (4, double.PositiveInfinity), (5, 2), (6, 3)]));
        Assert.That(svg.Elements(Svg + "polyline").Count(), Is.EqualTo(2));
        Assert.That(svg.Elements(Svg + "circle").Count(), Is.EqualTo(1));
    }

    [Test]
    public void Empty_and_constant_series_still_make_a_chart()
    {
        Assert.That(Texts(Draw()), Does.Contain("0.2"));
        Assert.That(Texts(Draw(new ChartSeries("nothing", []))), Does.Contain("nothing"));
        XElement svg = Draw(new ChartSeries("flat", [(0, 2), (1, 2)]));
        Assert.That(svg.Elements(Svg + "polyline").Single().Attribute("points")!.Value, Does.Not.Contain("NaN"));
    }

    [TestCase(0, 1)]
    [TestCase(0, 123456)]
    [TestCase(1e-5, 3e-5)]
    public void Title_and_labels_stand_at_the_plot_and_nothing_stands_out_of_the_picture(double low, double high)
    {
        const double letter = 7;
        XElement svg = Draw(new ChartSeries("a", [(0, low), (10 * high, high)]));
        double Of(XElement e, string name) => double.Parse(e.Attribute(name)!.Value);
        var (left, right) = Frame(svg);
        XElement[] texts = [.. svg.Elements(Svg + "text")];
        XElement At(string text) => texts.Single(t => t.Value == text);
        Assert.That(Of(At("Loss"), "x"), Is.EqualTo((left + right) / 2).Within(0.01), "the title over the middle of the plot");
        Assert.That(Of(At("step"), "x"), Is.EqualTo((left + right) / 2).Within(0.01));
        XElement[] ticks = [.. texts.Where(t => t.Attribute("text-anchor")!.Value == "end" && Of(t, "x") < left)];
        double widest = ticks.Max(t => t.Value.Length);
        Assert.That(left - 8 - (widest * letter) - 18, Is.InRange(8, 16), "the label of the axis beside its numbers");
        foreach (XElement x in texts.Where(
            t => t.Attribute("text-anchor")!.Value == "middle" && t.Attribute("transform") is null))
            Assert.That(Of(x, "x") + (x.Value.Length * letter / 2), Is.AtMost(800), x.Value);
    }

    [Test]
    public void Text_is_escaped_and_loses_what_xml_cannot_hold()
    {
        XElement svg = Draw(new ChartSeries("a<b & \"c\"\u0001 \U0001F600", [(0, 1)]));
        Assert.That(Texts(svg), Does.Contain("a<b & \"c\" \U0001F600"));
    }

    [Test]
    public void Lines_differ_in_colour_or_in_dashes()
    {
        XElement svg = Draw([.. Enumerable.Range(0, 28).Select(i => new ChartSeries($"{i}", [(0, i), (1, i)]))]);
        var looks = svg.Elements(Svg + "polyline").Select(
            l => (l.Attribute("stroke")!.Value, l.Attribute("stroke-dasharray")!.Value));
        Assert.That(looks, Is.Unique);
    }

    private static XElement Draw(params ChartSeries[] series)
        => XElement.Parse(new LineChart("Loss", "step", "loss", series).ToSvg());

    /// <summary>The ends of the axis of x.</summary>
    private static (double Left, double Right) Frame(XElement svg)
    {
        XElement axis = svg.Elements(Svg + "line").First(l => l.Attribute("stroke")!.Value == "#333333");
        return (double.Parse(axis.Attribute("x1")!.Value), double.Parse(axis.Attribute("x2")!.Value));
    }

    private static List<string> Texts(XElement svg) => [.. svg.Elements(Svg + "text").Select(t => t.Value)];
}
