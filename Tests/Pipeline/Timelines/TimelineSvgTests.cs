using System.Xml.Linq;
using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

public sealed class TimelineSvgTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Test]
    public void Each_action_is_a_bar_with_its_label_as_tooltip()
    {
        var timeline = Run(Schedules.OneForwardOneBackward(4, 8), TwoStage.Fill);
        var tooltips = Parse(TimelineSvg.Draw(timeline)).Descendants(Svg + "title").Select(t => t.Value.Split(':')[0]);
        Assert.That(tooltips, Is.EquivalentTo(timeline.Events.Select(e => e.Label)));
    }

    [Test]
    public void Labels_are_drawn_where_they_fit()
    {
        var few = TextsOf(TimelineSvg.Draw(Run(Schedules.GPipe(2, 2), TwoStage.Off)));
        var many = TextsOf(TimelineSvg.Draw(Run(Schedules.GPipe(2, 200), TwoStage.Off)));
        Assert.That(few, Does.Contain("0F1"));
        Assert.That(many, Does.Not.Contain("0F1"));
    }

    [Test]
    public void Name_makespan_bubble_axis_and_legend_are_written()
    {
        var texts = TextsOf(TimelineSvg.Draw(Run(Schedules.GPipe(4, 4), TwoStage.End), "Split or not"));
        Assert.That(texts, Does.Contain("Split or not").And.Contain("gpipe+2bp: 18 units, bubble 33.3 %").And.Contain("rank 3")
            .And.Contain("time (units)").And.Contain("F forward").And.Contain("W weight gradients").And.Not.Contain("transfer"));
    }

    [Test]
    public void Several_timelines_share_one_axis()
    {
        var whole = Run(Schedules.GPipe(2, 2), TwoStage.Off);
        var split = Run(Schedules.GPipe(2, 2), TwoStage.End);
        var bars = Parse(TimelineSvg.Draw([whole, split])).Descendants(Svg + "g").Select(g => g.Element(Svg + "rect")!);
        var first = bars.Where(b => b.Element(Svg + "title")!.Value.StartsWith("0F0:", StringComparison.Ordinal));
        Assert.That(first.Select(b => b.Attribute("width")!.Value), Is.EqualTo(new[] { "111.11", "111.11" }));
    }

    [Test]
    public void Names_are_escaped()
    {
        var name = "<a> & \"b\"";
        var texts = TextsOf(TimelineSvg.Draw(new Timeline(name, 1, []), "\u0001"));
        Assert.That(texts, Does.Contain($"{name}: 0 units, bubble 0.0 %").And.Contain("?"));
    }

    [Test]
    public void Short_times_are_written_in_short_units()
    {
        var timeline = new Timeline("t", 1, [new(0, Action.Parse("0F0"), 5, 0.012)], TimeUnit.Seconds);
        Assert.That(TextsOf(TimelineSvg.Draw(timeline)),
            Does.Contain("t: 12 ms, bubble 0.0 %").And.Contain("time (ms)").And.Contain("10"));
    }

    [TestCase(0.8757596, "875.8 ms")]
    [TestCase(12.345678, "12.35 s")]
    [TestCase(12345.6789, "12346 s")]
    [TestCase(0.00123456, "1.235 ms")]
    [TestCase(0, "0 s")]
    public void Times_have_four_digits(double seconds, string text)
    {
        var timeline = new Timeline("t", 1, [new(0, Action.Parse("0F0"), 5, seconds)], TimeUnit.Seconds);
        Assert.That(TextsOf(TimelineSvg.Draw(timeline))[1], Does.StartWith($"t: {text}, bubble"));
    }

    [Test]
    public void A_long_title_is_as_small_as_it_must_be()
    {
        double Size(int length) => double.Parse(Parse(TimelineSvg.Draw(new Timeline("t", 1, []), new string('x', length)))
            .Descendants(Svg + "text").First().Attribute("font-size")!.Value);
        Assert.That(Size(20), Is.EqualTo(15));
        Assert.That(Size(300) * 300, Is.LessThan(1.6 * 1024));
    }

    [Test]
    public void Seconds_and_units_have_no_common_axis() =>
        Assert.That(() => TimelineSvg.Draw([new("a", 1, []), new("b", 1, [], TimeUnit.Seconds)]),
            Throws.TypeOf<ScheduleException>());

    private static Timeline Run(Schedule schedule, TwoStage policy) =>
        Simulator.Run(SplitBackward.Apply(schedule, policy), StageCosts.Uniform(schedule.Stages));

    private static XElement Parse(string svg) => XDocument.Parse(svg).Root!;

    private static List<string> TextsOf(string svg) => [.. Parse(svg).Descendants(Svg + "text").Select(t => t.Value)];
}
