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
    public void Bytes_of_parameters_round_trip()
    {
        var timeline = new Timeline("run", 2, [new(0, Action.Parse("0F0"), 0, 1)]) { ParameterBytes = [1L << 40, 0] };
        var text = ChromeTrace.ToJson(timeline, timeline.Named("again"));
        Assert.That(ChromeTrace.FromJson(text), Is.EqualTo(new[] { timeline, timeline.Named("again") }));
        Assert.That(ChromeTrace.FromJson(text)[1].ParameterBytes, Is.EqualTo(new[] { 1L << 40, 0 }));
        Assert.That(() => ChromeTrace.FromJson(text.Replace("0]}}", "-1]}}", StringComparison.Ordinal)),
            Throws.TypeOf<ScheduleFormatException>().With.Message.Contains("process 0: 'parameterBytes' has -1 at 1"));
        Assert.That(() => ChromeTrace.FromJson(text.Replace(",0]}}", "]}}", StringComparison.Ordinal)),
            Throws.TypeOf<ScheduleFormatException>().With.Message.Contains("has 2 ranks and the parameters of 1 of them"));
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

    private static readonly Timeline One = new("run", 2, [new(1, Action.Parse("1W2"), 0.5, 0.25, Microbatches: 2)
        { HeldBytes = 3, MovedBytes = 4, Sending = 0.125, WaitedFor = Action.Parse("0F0") }]);

    [TestCase("\"heldBytes\"", "\"heldbytes\"", "unknown key 'heldbytes'", "did you mean 'heldBytes'?")]
    [TestCase("\"waitedFor\"", "\"waitdFor\"", "unknown key 'waitdFor'", "did you mean 'waitedFor'?")]
    [TestCase("\"duration\"", "\"dur\"", "unknown key 'dur'", "the keys are")]
    [TestCase("\"traceEvents\"", "\"traceEvent\"", "no 'traceEvents'", "is 'traceEvent' meant to be 'traceEvents'?")]
    [TestCase("\"unit\":\"Units\"", "\"unit\":\"1\"", "the unit '1' is unknown", "this library")]
    [TestCase("\"unit\":\"Units\"", "\"unit\":1", "'unit' is 1", "a text")]
    [TestCase("\"ranks\":2", "\"ranks\":2000000000", "has 2000000000 ranks and names 2", "this library")]
    [TestCase("\"ranks\":2", "\"ranks\":-1", "'ranks' is -1", "whole number")]
    [TestCase("\"microbatches\":2", "\"microbatches\":2147483600", "covers 2147483600 microbatches", "this library")]
    [TestCase("\"microbatches\":2", "\"microbatches\":2147483647", "'microbatches' is 2147483647", "whole number")]
    [TestCase("\"microbatch\":2", "\"microbatch\":-1", "'microbatch' is -1", "whole number")]
    [TestCase("\"stage\":1", "\"stage\":2147483647", "'stage' is 2147483647", "whole number")]
    [TestCase("\"stage\":1", "\"stage\":1.5", "'stage' is 1.5", "whole number")]
    [TestCase("\"start\":0.5", "\"start\":1e999", "'start' is 1e999", "finite")]
    [TestCase("\"start\":0.5", "\"start\":1e308", "1E+308", "1e36")]
    [TestCase("\"duration\":0.25", "\"duration\":-1", "-1", "not negative")]
    [TestCase("\"sending\":0.125", "\"sending\":-1", "-1", "not negative")]
    [TestCase("\"heldBytes\":3", "\"heldBytes\":-3", "'heldBytes' is -3", "whole number")]
    [TestCase("\"movedBytes\":4", "\"movedBytes\":\"4\"", "'movedBytes' is \"4\"", "whole number")]
    [TestCase("\"tid\":1,\"ts\"", "\"tid\":2,\"ts\"", "of 2 ranks has", "ranks and stages count from 0")]
    [TestCase("\"pid\":0,\"tid\":1,\"ts\"", "\"pid\":7,\"tid\":1,\"ts\"", "process 7, which has no process_name", "this library")]
    [TestCase("\"name\":\"run\"", "\"name\":\"\\ud800\"", "an escape that is no character", "this library")]
    public void A_key_or_number_that_is_wrong_is_named(string from, string to, string says, string hint)
    {
        var text = ChromeTrace.ToJson(One);
        Assert.That(text, Does.Contain(from));
        var error = Assert.Catch<AutogradException>(
            () => ChromeTrace.FromJson(text.Replace(from, to, StringComparison.Ordinal)))!;
        Assert.That(error, Is.TypeOf<ScheduleFormatException>().Or.TypeOf<ScheduleException>());
        Assert.That(error.Message, Does.Contain(says));
        Assert.That(error.Hint, Does.Contain(hint));
    }

    [Test]
    public void The_critical_path_of_a_piece_of_a_large_run_takes_memory_for_its_events_alone()
    {
        var far = new Timeline("far", 1, [new(0, new(1 << 20, ActionKind.Forward, 1 << 20), 0, 1)]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(CriticalPath.Of(far).Events, Has.Length.EqualTo(1));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    [TestCase("""{"steps":3}""", "has no 'traceEvents'")]
    [TestCase("""{"traceEvents":[{"ph":"X"}]}""", "has no 'name'")]
    [TestCase("""{"traceEvents":[{"name":"process_name","ph":"M","pid":0,"args":{"name":"a","ranks":"1","unit":"Units"}}]}""",
        "'ranks' is \"1\"")]
    [TestCase("""{"traceEvents":[{"name":"process_name","ph":"M","pid":0,"args":{"name":"a","ranks":1.5,"unit":"Units"}}]}""",
        "'ranks' is 1.5")]
    public void What_a_trace_lacks_is_named(string json, string says) =>
        Assert.That(() => ChromeTrace.FromJson(json), Throws.TypeOf<ScheduleFormatException>().With.Message.Contains(says));
}
