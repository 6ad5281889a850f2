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
    public void Other_text_is_refused(string json) =>
        Assert.That(() => ChromeTrace.FromJson(json), Throws.TypeOf<ScheduleFormatException>().With.Message.Contains("Hint: "));
}
