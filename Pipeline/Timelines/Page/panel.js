// One timeline's panel: header, canvas, and what wheel, pointer and keys do to it.

class Panel {
    // The page knows what all panels share: scale, view, memory, colours and the marked action.
    constructor(timeline, index, page) {
        Object.assign(this, { timeline, page, showChain: false, own: null, marked: undefined, kept: false });
        this.root = element("section", { className: "panel", id: `panel${index}` });
        this.root.setAttribute("aria-label", timeline.name);
        this.root.append(this.head());
        if (timeline.length === 0) this.root.append(element("p", { className: "empty", textContent: "No events." }));
        if (timeline.ranks === 0) return;
        this.canvas = element("canvas", { tabIndex: 0 });
        this.canvas.setAttribute("role", "img");
        const size = `${plural(timeline.length, "action")} on ${plural(timeline.ranks, "rank")}`;
        this.canvas.setAttribute("aria-label", `${timeline.name}: ${size}. Arrow keys go through the actions.`);
        this.plot = new Plot(this.canvas, timeline);
        this.spacer = element("div", {}, this.canvas);
        this.frame = element("div", { className: "view" }, this.spacer);
        this.root.append(this.frame, this.perRank());
        this.frame.addEventListener("scroll", () => this.redraw());
        new ResizeObserver(() => this.fit()).observe(this.frame);
        this.listen();
    }

    head() {
        const t = this.timeline, wait = t.makespan > 0 ? percent(t.chainWaiting / t.makespan) : "0 %";
        this.facts = element("p", { textContent: `${timeText(t.makespan, t.scale)}, bubble ${percent(t.bubble)}` });
        this.chainFacts = element("p", {
            className: "chain", hidden: true,
            textContent: `critical path: ${plural(t.chain.length, "action")}, ${wait} waiting`,
        });
        const button = (text, name, run) => element("button", { type: "button", textContent: text, title: name, onclick: run });
        this.chainButton = button("Critical path", "What the makespan consists of (C)", () => this.toggleChain());
        this.chainButton.setAttribute("aria-pressed", "false");
        const [less, more, all] = [
            button("−", "Zoom out (−)", () => this.zoom(1.6)), button("+", "Zoom in (+)", () => this.zoom(1 / 1.6)),
            button("Fit", "Show everything (0)", () => this.setView(0, this.extent))];
        less.setAttribute("aria-label", "Zoom out");
        more.setAttribute("aria-label", "Zoom in");
        const tools = element("div", { className: "tools" }, this.chainButton, less, more, all);
        const name = element("h2", { textContent: t.name || "(no name)" });
        return element("div", { className: "panel-head" }, name, this.facts, this.chainFacts, tools);
    }

    perRank() {
        const t = this.timeline;
        const row = (tag, cells) => element("tr", {}, ...cells.map(textContent => element(tag, { textContent })));
        const body = element("tbody");
        for (let rank = 0; rank < t.ranks; rank++) {
            const idle = timeText(t.makespan - t.busy[rank], t.scale);
            const held = [t.heldText(t.peaks[rank])];
            if (t.parameters) held.push(bytesText(t.peaks[rank] + t.parameters[rank]));
            body.append(row("td", [rank, percent(t.busyShare(rank)), idle, ...held]));
        }
        const names = ["Rank", "Busy", "Idle", t.heldInBytes ? "Most held without parameters" : "Most held"];
        if (t.parameters) names.push("With parameters");
        const table = element("table", {}, element("thead", {}, row("th", names)), body);
        return element("details", { className: "per-rank" }, element("summary", { textContent: "Ranks as a table" }), table);
    }

    get layout() { return this.page.scale === "steps" ? this.timeline.bySteps : this.timeline.byTime; }

    // Whole extent of the axis: the panel's own, or the longest of all.
    get extent() { return this.page.scale === "own" ? this.layout.extent : this.page.extent; }

    get view() { return (this.page.scale === "own" ? this.own : this.page.view) ?? { from: 0, to: this.extent }; }

    setView(from, to) {
        const extent = this.extent, width = Math.min(extent, Math.max(extent * 1e-6, to - from));
        const start = Math.min(Math.max(0, from), extent - width), view = { from: start, to: start + width };
        if (this.page.scale === "own") this.own = view;
        else this.page.view = view;
        if (this.page.scale === "own") this.redraw();
        else this.page.redraw();
    }

    zoom(factor, around = (this.view.from + this.view.to) / 2) {
        const { from, to } = this.view;
        this.setView(around - (around - from) * factor, around + (to - around) * factor);
    }

    pan(share) {
        const { from, to } = this.view, by = share * (to - from);
        this.setView(from + by, to + by);
    }

    toggleChain(on = !this.showChain) {
        this.showChain = on;
        this.chainButton.setAttribute("aria-pressed", String(on));
        this.chainFacts.hidden = !on;
        this.redraw();
    }

    fit() {
        if (!this.canvas) return;
        this.plot.rows = rowHeights(this.timeline, this.page.memory);
        const height = this.plot.totalHeight;
        this.spacer.style.height = `${height}px`;
        this.plot.resize(this.frame.clientWidth, Math.min(height, Math.max(200, Math.round(innerHeight * .72))));
        this.draw();
    }

    redraw() {
        if (!this.canvas || this.pending) return;
        this.pending = true;
        requestAnimationFrame(() => this.draw());
    }

    draw() {
        this.pending = false;
        if (!this.canvas || !this.plot.width) return;
        const { page, layout, view, showChain, marked } = this;
        const twin = page.marking && page.marking.panel !== this ? this.timeline.byLabel.get(page.marking.label) : undefined;
        this.plot.draw({
            layout, view, showChain, marked, twin, colors: page.colors, scroll: this.frame.scrollTop,
            bySteps: page.scale === "steps", axisLength: page.scale === "own" ? this.timeline.makespan : page.extent,
            memoryPeak: page.memoryPeak(this.timeline),
        });
        if (this.kept) this.placeCard();
    }

    // Marks an event, and with it the same action everywhere. The card stands at a point, or at the bar where it is kept.
    mark(i, x, y) {
        if (i === undefined && this.marked === undefined) return;
        const changed = i !== this.marked;
        this.marked = i;
        if (i === undefined) this.kept = false;
        if (changed) this.page.mark(i === undefined ? null : { panel: this, label: this.timeline.label(i) });
        if (i === undefined) Card.hide();
        else if (!this.kept) Card.show(this.timeline, i, x, y);
        this.draw();
    }

    placeCard() {
        const frame = this.canvas.getBoundingClientRect(), { left, width, y, height } = this.plot.box(this.marked);
        if (left + width < GUTTER || left > this.plot.width || y + height < AXIS || y > this.plot.height) return Card.hide();
        const inside = Math.min(Math.max(left + width / 2, GUTTER), this.plot.width);
        Card.show(this.timeline, this.marked, frame.left + inside, frame.top + y + height);
    }

    // Moves the view so that an event is inside, then marks it.
    reveal(i) {
        const { layout, view } = this, [left, right] = [layout.left[i], layout.right[i]];
        const width = view.to - view.from;
        if (left < view.from || right > view.to) this.setView((left + right - width) / 2, (left + right + width) / 2);
        const row = this.plot.rows.row, top = this.timeline.rank[i] * row;
        if (top < this.frame.scrollTop) this.frame.scrollTop = top;
        const room = this.plot.height - AXIS - row;
        if (top > this.frame.scrollTop + room) this.frame.scrollTop = top - room;
        this.kept = true;
        this.mark(i);
    }

    listen() {
        const { canvas } = this;
        canvas.addEventListener("wheel", e => this.onWheel(e), { passive: false });
        canvas.addEventListener("pointerdown", e => this.onDown(e));
        canvas.addEventListener("pointermove", e => this.onMove(e));
        canvas.addEventListener("pointerup", e => this.onUp(e));
        canvas.addEventListener("pointercancel", () => this.endDrag());
        canvas.addEventListener("pointerleave", () => { if (!this.kept) this.mark(undefined); });
        canvas.addEventListener("dblclick", () => this.setView(0, this.extent));
        canvas.addEventListener("keydown", e => this.onKey(e));
        canvas.addEventListener("blur", e => { if (!this.root.contains(e.relatedTarget)) this.mark(undefined); });
    }

    onWheel(e) {
        const along = e.shiftKey ? e.deltaY || e.deltaX : Math.abs(e.deltaX) > Math.abs(e.deltaY) ? e.deltaX : 0;
        const before = this.view;
        if (!this.kept) this.mark(undefined);
        if (along) this.pan(along / this.plot.plotWidth);
        else this.zoom(Math.exp(Math.max(-200, Math.min(200, e.deltaY)) * .002), this.plot.value(Math.max(e.offsetX, GUTTER)));
        // Where nothing is left to zoom out of, the wheel scrolls the page.
        if (before.from !== this.view.from || before.to !== this.view.to || e.ctrlKey) e.preventDefault();
    }

    onDown(e) {
        if (e.button !== 0) return;
        this.drag = { x: e.clientX, view: this.view, moved: false };
        try { this.canvas.setPointerCapture(e.pointerId); } catch { /* A pointer that is gone already captures nothing. */ }
    }

    onMove(e) {
        if (this.drag && (this.drag.moved || Math.abs(e.clientX - this.drag.x) > 4)) {
            this.drag.moved = true;
            this.canvas.classList.add("dragging");
            const { from, to } = this.drag.view, by = (this.drag.x - e.clientX) / this.plot.plotWidth * (to - from);
            this.mark(undefined);
            return this.setView(from + by, to + by);
        }
        if (this.kept) return;
        const i = this.plot.hit(e.offsetX, e.offsetY);
        if (i !== undefined || this.marked !== undefined) this.mark(i, e.clientX, e.clientY);
    }

    onUp(e) {
        if (this.drag && !this.drag.moved) {
            const i = this.plot.hit(e.offsetX, e.offsetY);
            this.kept = i !== undefined;
            this.mark(i);
        }
        this.endDrag();
    }

    endDrag() {
        this.drag = null;
        this.canvas.classList.remove("dragging");
    }

    onKey(e) {
        const t = this.timeline, i = this.marked;
        if (e.ctrlKey || e.metaKey || e.altKey) return;
        const go = j => { if (j !== undefined && j >= 0 && j < t.length) this.reveal(j); };
        const keys = {
            "+": () => this.zoom(1 / 1.6), "=": () => this.zoom(1 / 1.6), "-": () => this.zoom(1.6),
            "0": () => this.setView(0, this.extent),
            ArrowRight: () => e.shiftKey ? this.pan(.2) : go(i === undefined ? 0 : this.onSameRank(i, +1)),
            ArrowLeft: () => e.shiftKey ? this.pan(-.2) : go(i === undefined ? 0 : this.onSameRank(i, -1)),
            ArrowDown: () => go(i === undefined ? 0 : this.onOtherRank(i, +1)),
            ArrowUp: () => go(i === undefined ? 0 : this.onOtherRank(i, -1)),
            Home: () => go(t.first[i === undefined ? 0 : t.rank[i]]),
            End: () => go(t.first[i === undefined ? t.ranks : t.rank[i] + 1] - 1),
            w: () => go(t.waitOf.get(i)?.source),
            c: () => this.toggleChain(),
            Escape: () => this.mark(undefined),
        };
        const run = keys[e.key.length === 1 ? e.key.toLowerCase() : e.key];
        if (!run) return;
        e.preventDefault();
        run();
    }

    onSameRank(i, by) { return this.timeline.rank[i + by] === this.timeline.rank[i] ? i + by : i; }

    // The event of the next rank with events that starts nearest to this one.
    onOtherRank(i, by) {
        const t = this.timeline, { left } = this.layout;
        for (let rank = t.rank[i] + by; rank >= 0 && rank < t.ranks; rank += by) {
            const [low, high] = [t.first[rank], t.first[rank + 1]];
            if (low === high) continue;
            const at = lowerBound(left, left[i], low, high);
            return at === high || (at > low && left[i] - left[at - 1] < left[at] - left[i]) ? at - 1 : at;
        }
        return i;
    }
}

