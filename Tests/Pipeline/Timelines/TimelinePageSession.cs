using System.Text.Json;
using AutogradCore.Pipeline;
using NUnit.Framework;

namespace AutogradCore.Tests.Pipeline;

/// <summary>Opens timeline pages in a real browser, does what a user does and looks at what a user sees.</summary>
[Category("Browser")]
public abstract class TimelinePageSession
{
    private static readonly StageCosts Costs = StageCosts.Uniform(4, link: new(0.25, 3e6, 1e7)) with
    {
        Memory = [.. Enumerable.Repeat(new StageMemory(AfterForward: 4096, AfterInputs: 1024), 4)],
    };

    protected const string Helpers = """
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

    private protected Chromium Browser { get; private set; } = null!;

    [OneTimeSetUp]
    public void StartBrowser() => Browser = new();

    [OneTimeTearDown]
    public void EndBrowser() => Browser?.Dispose();

    protected static readonly Schedule Plain = Schedules.OneForwardOneBackward(4, 8);
    protected static readonly Timeline Whole = Simulator.Run(Plain, Costs);
    protected static readonly Timeline Split = Simulator.Run(SplitBackward.Apply(Plain, TwoStage.Fill), Costs);

    protected JsonElement Run(string page, string script, int width = 1366)
    {
        var seen = Browser.Run(Browser.Open(page, width), Helpers + script);
        Assert.That(Browser.Complaints, Is.Empty);
        return seen;
    }

    protected static double[] Numbers(JsonElement seen, string name) =>
        [.. seen.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];

    protected static string[] Texts(JsonElement seen, string name) =>
        [.. seen.GetProperty(name).EnumerateArray().Select(v => v.GetString()!)];
}
