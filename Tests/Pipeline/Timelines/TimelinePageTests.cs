using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

public sealed class TimelinePageTests
{
    [Test]
    public void Nothing_in_the_page_points_outside()
    {
        var page = TimelinePage.Write([Run(Schedules.GPipe(2, 2))], "Page");
        Assert.That(page, Does.Contain("default-src 'none'"));
        Assert.That(page, Does.Not.Match(@"https?:|\bsrc=|@import|url\(|<link"));
        Assert.That(page, Does.Not.Contain("{{"));
    }

    [Test]
    public void Names_stay_text_in_markup_and_in_data()
    {
        var name = "</script><b a='1' b=\"2\">&amp; \u2028 é \0 {{style}}";
        var page = TimelinePage.Write([new(name, 1, [])], name);
        Assert.That(page, Does.Not.Contain("</script><b").And.Not.Contain("<b a="));
        Assert.That(Regex.Count(page, "</script>"), Is.EqualTo(2), "one ends the data, one the script");
        Assert.That(Data(page)[0].GetProperty("name").GetString(), Is.EqualTo(name));
        Assert.That(page, Does.Contain(
            "<h1>&lt;/script&gt;&lt;b a=&#39;1&#39; b=&quot;2&quot;&gt;&amp;amp; \u2028 &#233; \0 {{style}}</h1>"));
    }

    [Test]
    public void Half_a_surrogate_pair_is_replaced()
    {
        var page = TimelinePage.Write([new("a\ud83d", 1, [])], "\ude00b");
        Assert.That(Data(page)[0].GetProperty("name").GetString(), Is.EqualTo("a\ufffd"));
        Assert.That(page, Does.Contain("<h1>\ufffdb</h1>"));
    }

    [Test]
    public void Numbers_are_the_same_in_every_culture()
    {
        var timelines = new[] { Run(Schedules.GPipe(2, 2)), new("t", 2, [new(0, Action.Parse("0F0"), 0.25, 1234.5)]) };
        var here = TimelinePage.Write(timelines, "Page");
        var before = CultureInfo.CurrentCulture;
        try
        {
            var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (commas.NumberFormat.NumberDecimalSeparator, commas.NumberFormat.NegativeSign) = (",", "~");
            CultureInfo.CurrentCulture = commas;
            Assert.That(TimelinePage.Write(timelines, "Page"), Is.EqualTo(here));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Test]
    public void Each_event_is_one_entry_in_every_column()
    {
        var timeline = new Timeline("t", 3,
        [
            new(0, Action.Parse("0F0"), 10, 1) { HeldBytes = 4096 },
            new(2, Action.Parse("1F0"), 11.5, 1) { WaitedFor = Action.Parse("0F0"), MovedBytes = 64, HeldBytes = 512 },
            new(2, Action.Parse("1W0"), 13, 2, Microbatches: 3) { HeldBytes = 0 },
        ], TimeUnit.Seconds);
        var data = Data(TimelinePage.Write([timeline], "Page"))[0].ToString();
        Assert.That(data, Is.EqualTo(
            """
            {"name":"t","unit":"Seconds","ranks":3,"makespan":5,"bubble":0.7333333333333334,"busy":[1,0,3],
            "rank":[0,2,2],"stage":[0,1,1],"kind":[0,0,2],"microbatch":[0,0,0],"start":[0,1.5,3],"duration":[1,1,2],
            "step":[0,1,2],"count":{"2":3},"moved":{"1":64},"waits":[[1,1.5,0,"0F0",true],[2,0.5,-1,null,false]],
            "chain":[0,1,2],"chainWaiting":1,"heldInBytes":true,"held":[[1,4096],[],[3,512,5,0]]}
            """.ReplaceLineEndings("")));
    }

    [Test]
    public void Notes_stand_above_the_summary_as_text()
    {
        var page = TimelinePage.Write([Run(Schedules.GPipe(2, 2))], "Page", "1 < 2", "{{data}}");
        Assert.That(page, Does.Match("(?s)<p class=\"warning\">1 &lt; 2</p>\n<p class=\"warning\">{{data}}</p>\n.*<table>"));
        Assert.That(TimelinePage.Write([], "Page"), Does.Not.Contain("<p class=\"warning\">"));
    }

    [Test]
    public void A_page_without_timelines_is_a_page()
    {
        var page = TimelinePage.Write([], "Empty");
        Assert.That(Data(page), Is.Empty);
        Assert.That(page, Does.Contain("<h1>Empty</h1>").And.Contain("<tbody></tbody>"));
    }

    [Test]
    public void Empty_timelines_and_single_events_are_summarised()
    {
        var rows = Rows(TimelinePage.Write([new("none", 0, []), new("one", 4, [new(3, Action.Parse("3F0"), 7, 2)])], "Few"));
        Assert.That(rows, Is.EqualTo(new[]
        {
            "none|0 units|–|0.0 %|–|0 microbatches|–",
            "one|2 units|× 0.000|75.0 %|0.0 % to 100.0 %|1 microbatch|1 actions, 0.0 % waiting",
        }));
    }

    [Test]
    public void The_summary_compares_with_the_first()
    {
        var plain = Schedules.OneForwardOneBackward(4, 8);
        var rows = Rows(TimelinePage.Write([Run(plain), Run(SplitBackward.Apply(plain, TwoStage.Fill)), Run(plain)], "Compared"));
        Assert.That(rows, Is.EqualTo(new[]
        {
            "1f1b|33 units|–|27.3 %|72.7 %|4 microbatches|22 actions, 0.0 % waiting",
            "1f1b+2bp|27 units −18.2 %|× 1.222|11.1 % −59.3 %|88.9 %|8 microbatches +100.0 %|27 actions, 0.0 % waiting",
            "1f1b|33 units ±0.0 %|× 1.000|27.3 % ±0.0 %|72.7 %|4 microbatches ±0.0 %|22 actions, 0.0 % waiting",
        }));
    }

    [Test]
    public void Schedules_of_one_model_compare_whatever_their_stages_per_rank()
    {
        var timelines = new[] { "1f1b", "zb-v", "interleaved-1f1b" }.Select(name => Schedules.Create(name, 4, 8))
            .Select(schedule => Simulator.Run(schedule, StageCosts.OfModel(schedule)));
        Assert.That(Rows(TimelinePage.Write(timelines, "Compared")).Select(row => row[..row.LastIndexOf('|')]), Is.EqualTo(new[]
        {
            "1f1b|33 units|–|27.3 %|72.7 %|4 microbatches",
            "zb-v|25.5 units −22.7 %|× 1.294|5.9 % −78.4 %|94.1 %|4 microbatches ±0.0 %",
            "interleaved-1f1b|28.5 units −13.6 %|× 1.158|15.8 % −42.1 %|84.2 %|5.5 microbatches +37.5 %",
        }));
    }

    [Test]
    public void Bytes_without_parameters_are_compared_with_bytes_without_parameters()
    {
        var schedule = Schedules.GPipe(2, 4);
        var costs = StageCosts.Uniform(2) with { Memory = [new(1 << 20, 1 << 20, 92 << 20), new(1 << 20, 1 << 20, 92 << 20)] };
        var simulated = Simulator.Run(schedule, costs);
        var measured = new Timeline("measured", 2, simulated.Events);
        var rows = Rows(TimelinePage.Write([simulated, measured, simulated], "Compared")).Select(row => row.Split('|')[5]);
        Assert.That(rows, Is.EqualTo(new[]
        {
            "4 MiB without parameters, 96 MiB with them",
            "4 MiB without parameters ±0.0 %",
            "4 MiB without parameters ±0.0 %, 96 MiB with them ±0.0 %",
        }));
        var data = Data(TimelinePage.Write([simulated, measured], "Page"));
        Assert.That(data[0].GetProperty("parameters").ToString(), Is.EqualTo($"[{92 << 20},{92 << 20}]"));
        Assert.That(data[1].TryGetProperty("parameters", out _), Is.False);
    }

    [Test]
    public void What_differs_in_unit_is_not_compared()
    {
        var seconds = Simulator.Run(Schedules.GPipe(2, 2), StageCosts.Uniform(2, unit: TimeUnit.Seconds));
        Assert.That(Rows(TimelinePage.Write([Run(Schedules.GPipe(2, 2)), seconds], "Units"))[1], Does.StartWith("gpipe|9 s|–|"));
    }

    private static Timeline Run(Schedule schedule) => Simulator.Run(schedule, StageCosts.Uniform(schedule.Stages));

    private static JsonElement[] Data(string page)
    {
        var text = Regex.Match(page, "id=\"data\">(.*?)</script>").Groups[1].Value;
        using var json = JsonDocument.Parse(text);
        return [.. json.RootElement.GetProperty("timelines").EnumerateArray().Select(t => t.Clone())];
    }

    private static string[] Rows(string page)
    {
        var body = Regex.Match(page, "<tbody>(.*?)</tbody>").Groups[1].Value;
        return [.. Regex.Matches(body, "<tr>(.*?)</tr>").Select(row => string.Join('|', Cells(row.Groups[1].Value)))];
    }

    private static IEnumerable<string> Cells(string row) =>
        Regex.Matches(row, "<t[hd].*?>(.*?)</t[hd]>").Select(cell => Regex.Replace(cell.Groups[1].Value, "<.*?>", ""));
}
