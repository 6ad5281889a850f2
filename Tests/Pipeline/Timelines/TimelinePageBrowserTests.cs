using System.Text.Json;
using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

[Category("Browser")]
public sealed class TimelinePageBrowserTests
{
    private static readonly StageCosts Costs = StageCosts.Uniform(4, link: new(0.25, 3e6, 1e7)) with
    {
        Memory = [.. Enumerable.Repeat(new StageMemory(AfterForward: 4096, AfterInputs: 1024), 4)],
    };

    // What a user does, and what a user sees.
    private const string Helpers = """
        const canvas = i => document.querySelectorAll("canvas")[i];
        const card = () => document.getElementById("card");
        const title = () => card().hidden ? null : card().querySelector("h3").textContent.split(" ")[0];
        const facts = () => Object.fromEntries(
            [...card().querySelectorAll("dt")].map(term => [term.textContent, term.nextSibling.textContent]));
        const drawn = () => [...document.querySelectorAll("canvas")].map(c => Number(c.dataset.drawn));
        const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        const place = (i, x, y) => {
            const box = canvas(i).getBoundingClientRect();
            return { clientX: box.left + x, clientY: box.top + y };
        };
        const point = (type, i, x, y) => canvas(i).dispatchEvent(
            new PointerEvent(type, { ...place(i, x, y), button: 0, pointerId: 1, bubbles: true }));
        const wheel = (i, x, y, by) => canvas(i).dispatchEvent(
            new WheelEvent("wheel", { ...place(i, x, y), deltaY: by, bubbles: true, cancelable: true }));
        const key = (i, key, more) => canvas(i).dispatchEvent(
            new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
        const scale = async value => { document.querySelector(`input[value=${value}]`).click(); await frame(); };
        const pixels = (i, x, y, w, h) => canvas(i).getContext("2d").getImageData(x, y, w, h).data;
        // Moves the pointer over a canvas until the card of an action appears.
        const find = (i, label) => {
            for (let y = 4; y < canvas(i).clientHeight; y += 8)
                for (let x = 4; x < canvas(i).clientWidth; x += 6) {
                    point("pointermove", i, x, y);
                    if (title() === label) return { x, y };
                }
            throw new Error(`no bar is ${label}`);
        };
        await frame();

        """;

    private Chromium _browser = null!;

    [OneTimeSetUp]
    public void StartBrowser() => _browser = new();

    [OneTimeTearDown]
    public void EndBrowser() => _browser?.Dispose();

    private static readonly Schedule Plain = Schedules.OneForwardOneBackward(4, 8);
    private static readonly Timeline Whole = Simulator.Run(Plain, Costs);
    private static readonly Timeline Split = Simulator.Run(SplitBackward.Apply(Plain, TwoStage.Fill), Costs);

    [Test]
    public void Every_event_is_drawn_and_the_browser_complains_of_nothing()
    {
        var one = new Timeline("one", 1, [new(0, Action.Parse("0U0"), 3, 0)]);
        Timeline[] timelines = [Whole, new("idle", 2, []), new("nothing", 0, []), one, Split];
        var seen = Run(TimelinePage.Write(timelines, "All"), """
            return { drawn: drawn(), legend: [...document.querySelectorAll("#legend li")].map(l => l.textContent) };
            """);
        Assert.That(Numbers(seen, "drawn"), Is.EqualTo(new double[] { 64, 0, 1, 96 }));
        Assert.That(Texts(seen, "legend"), Is.EqualTo(new[]
        {
            "F forward", "I input gradients", "W weight gradients", "B = I + W", "U update", "critical path", "held memory",
        }));
        Assert.That(_browser.Requests, Has.One.Items.And.All.StartsWith("file:"), "the page loads nothing but itself");
    }

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
    public void The_critical_path_is_drawn_when_asked_for()
    {
        var seen = Run(TimelinePage.Write([Whole, Split], "Path"), """
            document.getElementById("memory").click();
            const probe = document.body.appendChild(document.createElement("i"));
            probe.style.color = "var(--path)";
            const [r, g, b] = getComputedStyle(probe).color.match(/\d+/g).map(Number);
            const count = i => {
                const d = pixels(i, 0, 0, canvas(i).width, canvas(i).height);
                let n = 0;
                for (let k = 0; k < d.length; k += 4) if (d[k] === r && d[k + 1] === g && d[k + 2] === b) n++;
                return n;
            };
            const [button, line] = ["button[aria-pressed]", ".chain"].map(part => document.querySelector("#panel0 " + part));
            const seen = { off: [count(0), count(1)], shown: [!line.hidden] };
            button.click();
            await frame();
            seen.on = [count(0), count(1)];
            seen.shown.push(!line.hidden);
            seen.text = line.textContent;
            document.getElementById("paths").click();
            await frame();
            seen.both = [count(0), count(1)];
            return seen;
            """);
        var facts = new TimelineFacts(Whole);
        Assert.That(Numbers(seen, "off"), Is.EqualTo(new double[] { 0, 0 }));
        Assert.That(Numbers(seen, "on")[0], Is.GreaterThan(500));
        Assert.That(Numbers(seen, "on")[1], Is.Zero);
        Assert.That(Numbers(seen, "both"), Has.All.GreaterThan(500));
        Assert.That(seen.GetProperty("shown").EnumerateArray().Select(s => s.GetBoolean()), Is.EqualTo(new[] { false, true }));
        Assert.That(seen.GetProperty("text").GetString(), Is.EqualTo(
            $"critical path: {facts.Chain.Events.Length} actions, {100 * facts.Chain.Waiting / Whole.Makespan:0.0} % waiting"));
    }

    [Test]
    public void Two_runs_of_one_schedule_lie_over_each_other_step_by_step()
    {
        var random = new Random(3);
        var measured = Simulator.Run(Plain, StageCosts.Uniform(4, 0.1, 0.15, 0.2, new(0.03), TimeUnit.Seconds)).Events
            .Select(e => e with { Duration = e.Duration * (0.5 + random.NextDouble() / 2) });
        var page = TimelinePage.Write([Whole, new("measured", 4, measured, TimeUnit.Seconds)], "Steps");
        var seen = Run(page, """
            document.getElementById("memory").click();
            const same = () => {
                const [w, h] = [canvas(0).width - 128, canvas(0).height - 30];
                const [a, b] = [pixels(0, 128, 30, w, h), pixels(1, 128, 30, w, h)];
                return a.length === b.length && a.every((value, k) => value === b[k]);
            };
            const seen = { one: document.querySelector("input[value=one]").disabled, before: same() };
            await scale("steps");
            seen.after = same();
            find(0, "1B3");
            seen.twin = same();
            return seen;
            """);
        Assert.That(seen.GetProperty("one").GetBoolean(), Is.True, "seconds and units have no common scale");
        Assert.That(seen.GetProperty("before").GetBoolean(), Is.False);
        Assert.That(seen.GetProperty("after").GetBoolean(), Is.True);
        Assert.That(seen.GetProperty("twin").GetBoolean(), Is.False, "the action is outlined here and dashed there");
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
    public void Hostile_names_are_only_text()
    {
        var name = "</script><script>bad = 1</script><img src=x onerror='bad = 1'>\" & \u2028 µ {{data}} <!--";
        var seen = Run(TimelinePage.Write([Whole.Named(name)], name), """
            return { bad: typeof bad, title: document.title, head: document.querySelector("h1").textContent,
                panel: document.querySelector("h2").textContent, row: document.querySelector("tbody th").textContent,
                drawn: drawn() };
            """);
        Assert.That(seen.GetProperty("bad").GetString(), Is.EqualTo("undefined"));
        foreach (var place in new[] { "head", "panel", "row" })
            Assert.That(seen.GetProperty(place).GetString(), Is.EqualTo(name));
        Assert.That(Numbers(seen, "drawn"), Is.EqualTo(new double[] { 64 }));
    }

    [Test]
    public void The_theme_button_recolours_page_and_canvas()
    {
        var seen = Run(TimelinePage.Write([Whole], "Theme"), """
            const light = [], button = document.getElementById("theme");
            for (let i = 0; i < 2; i++) {
                button.click();
                await frame();
                const [r, g, b] = pixels(0, 2, canvas(0).height - 2, 1, 1);
                light.push(r + g + b, getComputedStyle(document.body).color.match(/\d+/g).map(Number).reduce((a, b) => a + b));
            }
            return light;
            """);
        var sums = seen.EnumerateArray().Select(v => v.GetDouble()).ToArray();
        Assert.That((sums[0] > 700, sums[1] < 200), Is.EqualTo((true, true)), "light: white ground, dark text");
        Assert.That((sums[2] < 150, sums[3] > 600), Is.EqualTo((true, true)), "dark: the reverse");
    }

    [Test]
    public void A_page_that_throws_is_noticed()
    {
        var page = TimelinePage.Write([Whole], "Throws").Replace("page.readColors();", "page.readColours();");
        _browser.Open(page);
        Assert.That(_browser.Complaints, Has.Some.Contains("readColours is not a function"));
    }

    [Test]
    public void The_real_pointer_finds_a_bar_and_its_wheel_zooms_there()
    {
        var session = _browser.Open(TimelinePage.Write([Whole], "Pointer"));
        var at = _browser.Run(session, Helpers + """const at = find(0, "1F1"); return place(0, at.x, at.y);""");
        var (x, y) = (at.GetProperty("clientX").GetDouble(), at.GetProperty("clientY").GetDouble());
        _browser.Mouse(session, "mouseMoved", 1, 1);
        _browser.Mouse(session, "mouseMoved", x, y);
        Assert.That(_browser.Run(session, Helpers + "return title();").GetString(), Is.EqualTo("1F1"));
        _browser.Mouse(session, "mouseWheel", x, y, -150);
        var drawn = _browser.Run(session, Helpers + "return { drawn: drawn(), scrolled: scrollY };");
        Assert.That(Numbers(drawn, "drawn")[0], Is.InRange(1, 63));
        Assert.That(drawn.GetProperty("scrolled").GetDouble(), Is.Zero, "the wheel zooms instead of scrolling");
        Assert.That(_browser.Complaints, Is.Empty);
    }

    private JsonElement Run(string page, string script)
    {
        var seen = _browser.Run(_browser.Open(page), Helpers + script);
        Assert.That(_browser.Complaints, Is.Empty);
        return seen;
    }

    private static double[] Numbers(JsonElement seen, string name) =>
        [.. seen.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];

    private static string[] Texts(JsonElement seen, string name) =>
        [.. seen.GetProperty(name).EnumerateArray().Select(v => v.GetString()!)];
}
