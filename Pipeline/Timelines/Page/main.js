// Reads the data, makes the panels, and wires what is common to all of them.

const data = JSON.parse(document.getElementById("data").textContent);
const timelines = data.timelines.map(timeline => new Timeline(timeline, data.kinds));
const oneUnit = new Set(timelines.map(timeline => timeline.unit)).size <= 1;

const page = {
    scale: oneUnit ? "one" : "own",
    memory: true,
    view: null,
    marking: null,
    panels: [],

    get extent() { return Math.max(1e-300, ...this.panels.map(panel => panel.layout.extent)); },

    // Memory curves share one height scale among all timelines that count the same.
    memoryPeak(timeline) {
        return Math.max(...timelines.filter(other => other.heldInBytes === timeline.heldInBytes).map(other => other.peak));
    },

    readColors() {
        const probe = element("span");
        document.body.append(probe);
        const color = name => {
            probe.style.color = `var(--${name})`;
            return getComputedStyle(probe).color;
        };
        this.colors = { font: getComputedStyle(document.body).fontFamily };
        for (const name of ["panel", "lane", "line", "grid", "text", "quiet", "path", "memory"]) this.colors[name] = color(name);
        probe.remove();
    },

    redraw() { for (const panel of this.panels) panel.redraw(); },

    mark(marking) {
        const before = this.marking;
        this.marking = marking;
        if (marking)
            for (const panel of this.panels)
                if (panel !== marking.panel && panel.marked !== undefined) [panel.marked, panel.kept] = [undefined, false];
        if (before?.label !== marking?.label || before?.panel !== marking?.panel) this.redraw();
    },

    setScale(scale) {
        this.scale = scale;
        this.view = null;
        this.redraw();
    },
};

page.readColors();
page.panels = timelines.map((timeline, index) => new Panel(timeline, index, page));
document.getElementById("panels").append(...page.panels.map(panel => panel.root));
for (const panel of page.panels) panel.fit();

for (const input of document.querySelectorAll("#scale input")) {
    input.checked = input.value === page.scale;
    input.disabled = input.value === "one" && !oneUnit;
    if (input.disabled) input.parentElement.title = "Timelines in seconds and in units have no common scale";
    input.addEventListener("change", () => page.setScale(input.value));
}

const pressed = button => button.getAttribute("aria-pressed") === "true";
const toggle = (id, change) => {
    const button = document.getElementById(id);
    button.addEventListener("click", () => {
        button.setAttribute("aria-pressed", String(!pressed(button)));
        change(pressed(button));
    });
};
toggle("paths", on => { for (const panel of page.panels) panel.toggleChain(on); });
toggle("memory", on => {
    page.memory = on;
    for (const panel of page.panels) panel.fit();
});

const used = new Set(timelines.flatMap(timeline => [...new Set(timeline.kind)]));
const legend = new Map(data.kinds.filter((_, kind) => used.has(kind)).map(kind => [kind.legend, kind.color]));
for (const [text, color] of [...legend, ["critical path", "var(--path)"], ["held", "var(--memory)"]]) {
    const swatch = element("i");
    swatch.style.background = color;
    document.getElementById("legend").append(element("li", {}, swatch, text));
}

const themes = ["auto", "light", "dark"], theme = document.getElementById("theme");
const recolor = () => {
    page.readColors();
    page.redraw();
};
theme.addEventListener("click", () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % themes.length];
    document.documentElement.dataset.theme = next;
    theme.textContent = next[0].toUpperCase() + next.slice(1);
    theme.setAttribute("aria-label", `Colours: ${next === "auto" ? "as the system" : next}`);
    recolor();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolor);
addEventListener("resize", () => { for (const panel of page.panels) panel.fit(); });
addEventListener("scroll", () => {
    for (const panel of page.panels) if (panel.marked !== undefined && panel.kept) panel.mark(panel.marked);
});
