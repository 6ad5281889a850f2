using System.Text.Json;
using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

public sealed class ChromeTraceTests
{
    [Test]
    public void Timelines_round_trip_to_the_last_bit()
    {
        var costs = StageCosts.Uniform(4, 0.1, 1 / 3.0, Math.E, new(1e-9), TimeUnit.Seconds);
        var simulated = Simulator.Run(SplitBackward.Apply(Schedules.OneForwardOneBackward(4, 6), TwoStage.Fill, costs), costs);
        var recorded = new Timeline("recorded \"µ\"", 5, [new(3, Action.Parse("3W0"), 0.7, 0.1, Microbatches: 4)]);
        Assert.That(ChromeTrace.FromJson(ChromeTrace.ToJson(simulated, recorded)), Is.EqualTo(new[] { simulated, recorded }));
    }

    [Test]
    public void An_event_is_complete_and_in_microseconds()
    {
        var timeline = new Timeline("run", 2, [new(1, Action.Parse("1W2"), 0.5, 0.25, Microbatches: 2)], TimeUnit.Seconds);
        Assert.That(ChromeTrace.ToJson(timeline), Is.EqualTo(
            """
            {"displayTimeUnit":"ms","traceEvents":[
            {"name":"process_name","ph":"M","pid":0,"tid":0,"args":{"name":"run","ranks":2,"unit":"Seconds"}},
            {"name":"thread_name","ph":"M","pid":0,"tid":0,"args":{"name":"rank 0"}},
            {"name":"thread_name","ph":"M","pid":0,"tid":1,"args":{"name":"rank 1"}},
            {"name":"1W2-3","cat":"W","ph":"X","pid":0,"tid":1,"ts":500000,"dur":250000,
            "args":{"stage":1,"kind":"W","microbatch":2,"microbatches":2,"start":0.5,"duration":0.25}}]}
            """.ReplaceLineEndings("")));
    }

    [Test]
    public void Bytes_and_waits_round_trip_and_an_arrow_leads_to_who_waited()
    {
        var timeline = new Timeline("run", 2,
        [
            new(0, Action.Parse("0F0"), 0, 1) { HeldBytes = 1L << 40 },
            new(1, Action.Parse("1F0"), 1.5, 1) { HeldBytes = 0, MovedBytes = 4096, WaitedFor = Action.Parse("0F0") },
            new(1, Action.Parse("1B0"), 3, 1) { WaitedFor = Action.Parse("9F9") },
        ]);
        var text = ChromeTrace.ToJson(timeline, timeline);
        Assert.That(ChromeTrace.FromJson(text), Is.EqualTo(new[] { timeline, timeline }));
        using var json = JsonDocument.Parse(text);
        var arrows = json.RootElement.GetProperty("traceEvents").EnumerateArray()
            .Where(e => e.GetProperty("ph").GetString() is "s" or "f").Select(e => e.ToString());
        Assert.That(arrows, Is.EqualTo(new[]
        {
            """{"name":"waited for","cat":"wait","ph":"s","id":0,"pid":0,"tid":0,"ts":500000}""",
            """{"name":"waited for","cat":"wait","ph":"f","bp":"e","id":0,"pid":0,"tid":1,"ts":1500000}""",
            """{"name":"waited for","cat":"wait","ph":"s","id":1,"pid":1,"tid":0,"ts":500000}""",
            """{"name":"waited for","cat":"wait","ph":"f","bp":"e","id":1,"pid":1,"tid":1,"ts":1500000}""",
        }));
    }

    [Test]
    public void Each_action_of_a_run_is_one_event()
    {
        var timeline = Simulator.Run(Schedules.GPipe(3, 4), StageCosts.Uniform(3));
        using var json = JsonDocument.Parse(ChromeTrace.ToJson(timeline));
        var names = json.RootElement.GetProperty("traceEvents").EnumerateArray()
            .Where(e => e.GetProperty("ph").GetString() == "X").Select(e => e.GetProperty("name").GetString());
        Assert.That(names, Is.EqualTo(timeline.Events.Select(e => e.Label)));
    }

    [TestCase("not json")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("""{"traceEvents":[{"name":"somebody else's","ph":"X","pid":7,"tid":1,"ts":0,"dur":1}]}""")]
    [TestCase("""{"traceEvents":[{"name":"process_name","ph":"M","pid":0,"args":{"name":"a","ranks":1,"unit":"years"}}]}""")]
    [TestCase("""{"traceEvents":{}}""")]
    [TestCase("""{"traceEvents":[{"name":7,"ph":"X"}]}""")]
    public void Other_text_is_refused(string json) =>
        Assert.That(() => ChromeTrace.FromJson(json), Throws.TypeOf<ScheduleFormatException>().With.Message.Contains("Hint: "));

    [TestCase("""{"steps":3}""", "'traceEvents' is missing")]
    [TestCase("""{"traceEvents":[{"ph":"X"}]}""", "'name' is missing")]
    [TestCase("""{"traceEvents":[{"name":"process_name","ph":"M","pid":0,"args":{"name":"a","ranks":"1","unit":"Units"}}]}""",
        "'ranks' is of the kind String and not Number")]
    [TestCase("""{"traceEvents":[{"name":"process_name","ph":"M","pid":0,"args":{"name":"a","ranks":1.5,"unit":"Units"}}]}""",
        "'ranks' is no whole number")]
    public void What_a_trace_lacks_is_named(string json, string says) =>
        Assert.That(() => ChromeTrace.FromJson(json), Throws.TypeOf<ScheduleFormatException>().With.Message.Contains(says));
}
