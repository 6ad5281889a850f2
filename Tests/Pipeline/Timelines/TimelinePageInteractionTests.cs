using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>What the page does at the touch of pointer, wheel and keys.</summary>
[Parallelizable]
public sealed class TimelinePageInteractionTests : TimelinePageSession
{
    [Test]
    public void The_card_tells_all_about_the_action_under_the_pointer()
    {
        var seen = Run(TimelinePage.Write([Whole], "Card"), """
            find(0, "2B0");
            const first = facts(), onPath = card().textContent.includes("On the critical path");
            point("pointermove", 0, 5, 5);
            return { first, onPath, hidden: card().hidden };
            """);
        var e = Whole.Events.Single(e => e.Label == "2B0");
        var idle = e.Start - Whole.On(2).Last(before => before.End <= e.Start).End;
        var card = seen.GetProperty("first");
        Assert.That(card.GetProperty("Where").GetString(), Is.EqualTo("rank 2, stage 2"));
        Assert.That(card.GetProperty("Start").GetString(), Is.EqualTo($"{e.Start:0.####} units"));
        Assert.That(card.GetProperty("Duration").GetString(), Is.EqualTo("2 units"));
        Assert.That(card.GetProperty("End").GetString(), Is.EqualTo($"{e.End:0.####} units"));
        Assert.That(card.GetProperty("Held at end").GetString(), Is.EqualTo($"{e.HeldBytes / 1024} KiB"));
        Assert.That(card.GetProperty("Moved").GetString(), Is.EqualTo("2.86 MiB"));
        Assert.That(card.GetProperty("Waited").GetString(), Is.EqualTo($"{idle:0.####} units for 3B0 on rank 3"));
        Assert.That(seen.GetProperty("onPath").GetBoolean(), Is.True);
        Assert.That(seen.GetProperty("hidden").GetBoolean(), Is.True);
    }

    [Test]
    public void Zoom_and_pan_move_all_panels_on_one_scale_and_only_their_own_otherwise()
    {
        var seen = Run(TimelinePage.Write([Whole, Split], "Zoom"), """
            const seen = { all: drawn() };
            const at = find(0, "0F0");
            for (let i = 0; i < 8; i++) wheel(0, at.x, at.y, -200);
            await frame();
            seen.zoomed = drawn();
            point("pointermove", 0, at.x, at.y);
            seen.under = title();
            point("pointerdown", 0, 1200, 60); point("pointermove", 0, 150, 60); point("pointerup", 0, 150, 60);
            await frame();
            point("pointermove", 0, at.x, at.y);
            seen.panned = title();
            canvas(0).dispatchEvent(new MouseEvent("dblclick"));
            await frame();
            seen.back = drawn();
            await scale("own");
            document.querySelectorAll("button[aria-label='Zoom in']")[1].click();
            await frame();
            seen.own = drawn();
            document.querySelectorAll("button[title^='Show everything']")[1].click();
            await frame();
            seen.fit = drawn();
            return seen;
            """);
        Assert.That(Numbers(seen, "all"), Is.EqualTo(new double[] { 64, 96 }));
        Assert.That(Numbers(seen, "zoomed"), Has.All.InRange(1, 12), "both panels show a few events");
        Assert.That(seen.GetProperty("under").GetString(), Is.EqualTo("0F0"), "what is under the pointer stays there");
        Assert.That(seen.GetProperty("panned").GetString(), Is.EqualTo("0F1"));
        Assert.That(Numbers(seen, "back"), Is.EqualTo(new double[] { 64, 96 }));
        Assert.That(Numbers(seen, "own")[0], Is.EqualTo(64));
        Assert.That(Numbers(seen, "own")[1], Is.InRange(1, 95));
        Assert.That(Numbers(seen, "fit"), Is.EqualTo(new double[] { 64, 96 }));
    }

    [Test]
    public void Keys_go_through_the_actions_and_back_to_what_they_waited_for()
    {
        var seen = Run(TimelinePage.Write([Whole, Split], "Keys"), """
            const seen = [];
            for (const k of ["ArrowRight", "ArrowRight", "End", "Home", "ArrowDown", "w", "ArrowLeft", "ArrowUp"]) {
                key(0, k);
                seen.push(title());
            }
            for (let i = 0; i < 6; i++) key(0, "+");
            key(0, "End");
            seen.push(title());
            key(1, "ArrowRight");
            seen.push(title());
            key(1, "Escape");
            seen.push(title());
            return seen;
            """);
        Assert.That(seen.EnumerateArray().Select(t => t.GetString()), Is.EqualTo(new[]
        {
            "0F0", "0F1", "0B7", "0F0", "1F0", "0F0", "0F0", "0F0", "0B7", "0F0", null,
        }));
    }

    [Test]
    public void Many_ranks_scroll_inside_their_panel()
    {
        var events = Enumerable.Range(0, 1024).Select(rank => new TimelineEvent(rank, new(rank, ActionKind.Forward, 0), rank, 1));
        var seen = Run(TimelinePage.Write([new("many", 1024, events)], "Many"), """
            const seen = { tall: canvas(0).clientHeight, window: innerHeight, drawn: drawn()[0] };
            key(0, "End");
            seen.last = title();
            seen.scrolled = document.querySelector(".view").scrollTop;
            point("pointermove", 0, 400, 60);
            return seen;
            """);
        Assert.That(seen.GetProperty("tall").GetDouble(), Is.LessThan(seen.GetProperty("window").GetDouble()));
        Assert.That(seen.GetProperty("drawn").GetDouble(), Is.InRange(20, 200), "only what is visible is drawn");
        Assert.That(seen.GetProperty("last").GetString(), Is.EqualTo("1023F0"));
        Assert.That(seen.GetProperty("scrolled").GetDouble(), Is.GreaterThan(5000));
    }

    [Test]
    public void The_real_pointer_finds_a_bar_and_its_wheel_zooms_there()
    {
        var session = Browser.Open(TimelinePage.Write([Whole], "Pointer"));
        var at = Browser.Run(session, Helpers + """const at = find(0, "1F1"); return place(0, at.x, at.y);""");
        var (x, y) = (at.GetProperty("clientX").GetDouble(), at.GetProperty("clientY").GetDouble());
        Browser.Mouse(session, "mouseMoved", 1, 1);
        Browser.Mouse(session, "mouseMoved", x, y);
        Assert.That(Browser.Run(session, Helpers + "return title();").GetString(), Is.EqualTo("1F1"));
        Browser.Mouse(session, "mouseWheel", x, y, -150);
        var drawn = Browser.Run(session, Helpers + "return { drawn: drawn(), scrolled: scrollY };");
        Assert.That(Numbers(drawn, "drawn")[0], Is.InRange(1, 63));
        Assert.That(drawn.GetProperty("scrolled").GetDouble(), Is.Zero, "the wheel zooms instead of scrolling");
        Assert.That(Browser.Complaints, Is.Empty);
    }
}
