using AutogradCore.Pipeline;
using NUnit.Framework;
using Action = AutogradCore.Pipeline.Action;

namespace AutogradCore.Tests.Pipeline;

/// <summary>What the page shows in a real browser.</summary>
[Parallelizable]
public sealed class TimelinePageBrowserTests : TimelinePageSession
{
    [Test]
    public void Every_event_is_drawn_and_theBrowser_complains_of_nothing()
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
        Assert.That(Browser.Requests, Has.One.Items.And.All.StartsWith("file:"), "the page loads nothing but itself");
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
    public void On_a_phone_every_cell_of_the_summary_is_in_sight_with_its_columns_name()
    {
        var named = Split.Named("a name that is much longer than a phone is wide, with 2BP");
        var seen = Run(TimelinePage.Write([Whole, named], "Phone"), """
            const cells = [...document.querySelectorAll(".summary td, .summary th")].filter(cell => cell.offsetParent);
            return { wide: document.documentElement.scrollWidth, cells: cells.length,
                out: cells.filter(cell => cell.getBoundingClientRect().right > innerWidth).length,
                name: getComputedStyle(document.querySelector(".summary td"), "::before").content };
            """, width: 390);
        Assert.That(seen.GetProperty("wide").GetInt32(), Is.AtMost(390));
        Assert.That(seen.GetProperty("cells").GetInt32(), Is.EqualTo(2 * 7));
        Assert.That(seen.GetProperty("out").GetInt32(), Is.Zero);
        Assert.That(seen.GetProperty("name").GetString(), Does.Contain("Makespan"));
    }

    [Test]
    public void In_aligned_steps_fused_work_is_as_wide_as_the_same_work_apart()
    {
        TimelineEvent[] apart =
            [new(0, Action.Parse("0W0"), 0, 1), new(0, Action.Parse("0W1"), 1, 1), new(0, Action.Parse("0F2"), 2, 1)];
        TimelineEvent[] fused = [new(0, Action.Parse("0W0"), 0, 1.5, Microbatches: 2), new(0, Action.Parse("0F2"), 1.5, 1)];
        var seen = Run(TimelinePage.Write([new("apart", 1, apart), new("fused", 1, fused)], "Steps"), """
            await scale("steps");
            const apart = find(0, "0F2").x;
            point("pointerleave", 0, 0, 0); // the card goes, or it would be taken for the other's
            return [apart, find(1, "0F2").x];
            """);
        Assert.That(seen[0].GetDouble(), Is.EqualTo(seen[1].GetDouble()));
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
        Browser.Open(page);
        Assert.That(Browser.Complaints, Has.Some.Contains("readColours is not a function"));
    }
}
