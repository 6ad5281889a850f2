// Draws the visible part of a timeline on a canvas, and finds the event at a point.

const GUTTER = 130, AXIS = 26, RIGHT = 10;

// Heights of a rank's strips: many ranks get thin ones.
function rowHeights(timeline, showMemory) {
    const size = timeline.ranks <= 16 ? 2 : timeline.ranks <= 64 ? 1 : 0;
    const bar = [8, 14, 24][size], beside = timeline.beside ? [3, 5, 8][size] : 0, memory = showMemory ? [5, 10, 22][size] : 0;
    return { bar, beside, memory, gap: [2, 4, 8][size], row: bar + beside + memory + [2, 4, 8][size] };
}

class Plot {
    constructor(canvas, timeline) {
        Object.assign(this, { canvas, timeline, context: canvas.getContext("2d"), widths: new Map() });
    }

    get totalHeight() { return AXIS + this.timeline.ranks * this.rows.row + 2; }

    resize(width, height) {
        const ratio = window.devicePixelRatio || 1;
        Object.assign(this, { width, height, ratio });
        this.canvas.width = Math.round(width * ratio);
        this.canvas.height = Math.round(height * ratio);
        this.canvas.style.height = `${height}px`;
    }

    get plotWidth() { return Math.max(1, this.width - GUTTER - RIGHT); }

    x(value) { return GUTTER + (value - this.view.from) / (this.view.to - this.view.from) * this.plotWidth; }

    value(x) { return this.view.from + (x - GUTTER) / this.plotWidth * (this.view.to - this.view.from); }

    top(rank) { return AXIS + rank * this.rows.row - this.scroll; }

    // The rectangle of an event; bars too thin to see are widened to a pixel.
    box(i) {
        const { timeline: t, layout, rows } = this;
        const left = this.x(layout.left[i]), width = Math.max(1, this.x(layout.right[i]) - left);
        const beside = t.kinds[t.kind[i]].beside;
        const y = this.top(t.rank[i]) + (beside ? rows.bar : 0);
        return { left, width, y, height: beside ? rows.beside : rows.bar };
    }

    draw(state) {
        Object.assign(this, state);
        const { context: c, colors } = this;
        c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
        c.fillStyle = colors.panel;
        c.fillRect(0, 0, this.width, this.height);
        this.drawAxis();
        c.save();
        c.beginPath();
        c.rect(0, AXIS, this.width, this.height - AXIS);
        c.clip();
        const first = Math.max(0, Math.floor(this.scroll / this.rows.row));
        const last = Math.min(this.timeline.ranks, Math.ceil((this.scroll + this.height - AXIS) / this.rows.row));
        let drawn = 0;
        for (let rank = first; rank < last; rank++) this.drawGutter(rank);
        c.beginPath();
        c.rect(GUTTER, AXIS, this.plotWidth + 1, this.height - AXIS);
        c.clip();
        for (let rank = first; rank < last; rank++) drawn += this.drawRank(rank);
        if (this.showChain) this.drawChain();
        this.drawMarks();
        c.restore();
        this.canvas.dataset.drawn = drawn;
    }

    drawAxis() {
        const { context: c, colors, view, timeline: t, bySteps } = this;
        const step = Math.max(bySteps ? 1 : 0, roundStep((view.to - view.from) / Math.max(2, this.plotWidth / 96)));
        const scale = timeScale(t.unit, this.axisLength);
        const digits = Math.max(0, -Math.floor(Math.log10(step * scale.factor) + 1e-9));
        c.font = `11px ${colors.font}`;
        c.textBaseline = "middle";
        c.textAlign = "left";
        c.fillStyle = colors.quiet;
        c.fillText(bySteps ? "step" : `time (${scale.name})`, 0, AXIS / 2 - 2);
        c.textAlign = "center";
        for (let k = Math.ceil(view.from / step - 1e-9); k * step <= view.to + step * 1e-9; k++) {
            const x = this.x(k * step);
            c.fillStyle = colors.grid;
            c.fillRect(Math.round(x), AXIS - 6, 1, this.height - AXIS + 6);
            c.fillStyle = colors.quiet;
            const text = bySteps ? String(k * step) : (k * step * scale.factor).toFixed(digits);
            const half = c.measureText(text).width / 2;
            c.fillText(text, Math.min(Math.max(x, GUTTER + half - 4), this.width - half), AXIS / 2 - 2);
        }
    }

    drawGutter(rank) {
        const { context: c, colors, rows, timeline: t } = this, y = this.top(rank);
        c.textAlign = "left";
        c.textBaseline = "middle";
        if (rows.row < 12 && rank % Math.ceil(12 / rows.row)) return;
        c.font = `${rows.bar >= 20 ? 12 : 11}px ${colors.font}`;
        c.fillStyle = colors.text;
        c.fillText(rows.bar >= 20 ? `rank ${rank}` : `${rank}`, 0, y + rows.bar / 2 + .5);
        c.font = `11px ${colors.font}`;
        c.fillStyle = colors.quiet;
        c.textAlign = "right";
        c.fillText(`${percent(t.busyShare(rank))} busy`, GUTTER - 10, y + rows.bar / 2 + .5);
        if (rows.memory < 12) return;
        c.fillText(`peak ${t.heldInBytes ? bytesText(t.peaks[rank]) : trimmed(t.peaks[rank], 2)}`, GUTTER - 10,
            y + rows.bar + rows.beside + rows.memory / 2 + 1);
    }

    drawRank(rank) {
        const { context: c, colors, rows, timeline: t, layout, view } = this, y = this.top(rank);
        const end = this.x(layout.extent);
        c.fillStyle = colors.lane;
        c.fillRect(GUTTER, y, Math.max(0, Math.min(end, this.width) - GUTTER), rows.bar + rows.beside);
        this.drawMemory(rank, y + rows.bar + rows.beside + 2, rows.memory - 2);
        const last = lowerBound(layout.left, view.to, t.first[rank], t.first[rank + 1]);
        let drawn = 0;
        const covered = { true: -1, false: -1 };
        for (let i = lowerBound(layout.reach, view.from, t.first[rank], t.first[rank + 1]); i < last; i++) {
            const { left, width, y: top, height } = this.box(i), kind = t.kinds[t.kind[i]];
            drawn++;
            // Where many bars share a pixel, the first stands for them all.
            if (left + width <= covered[kind.beside]) continue;
            covered[kind.beside] = Math.ceil(left + width);
            c.globalAlpha = this.showChain && !t.onChain.has(i) ? .3 : 1;
            c.fillStyle = kind.color;
            const inset = width > 3 ? .5 : 0;
            c.fillRect(left + inset, top, width - 2 * inset, height);
            if (height >= 12 && width > 18) this.drawLabel(i, left, top, width, height);
        }
        c.globalAlpha = 1;
        return drawn;
    }

    drawLabel(i, left, top, width, height) {
        const { context: c, colors, timeline: t } = this, label = t.label(i);
        c.font = `11px ${colors.font}`;
        let size = this.widths.get(label);
        if (size === undefined) this.widths.set(label, size = c.measureText(label).width);
        if (size + 6 > width) return;
        c.fillStyle = "#111418";
        c.textAlign = "center";
        c.textBaseline = "middle";
        c.fillText(label, left + width / 2, top + height / 2 + .5);
    }

    drawMemory(rank, y, height) {
        const { context: c, colors, timeline: t, layout } = this, points = t.held[rank];
        if (height <= 0 || points.length === 0 || this.memoryPeak === 0) return;
        const end = Math.min(this.x(layout.extent), this.width);
        let x = Math.round(this.x(0)), value = 0;
        c.fillStyle = colors.memory;
        c.globalAlpha = .75;
        for (let k = 0; k <= points.length; k += 2) {
            const more = k < points.length, at = points[k] >> 1;
            const next = Math.round(more ? this.x((points[k] & 1 ? layout.right : layout.left)[at]) : end);
            const tall = value / this.memoryPeak * height;
            if (value > 0 && next >= GUTTER && x <= this.width) c.fillRect(x, y + height - tall, Math.max(0, next - x), tall);
            if (more) [x, value] = [next, points[k + 1]];
        }
        c.globalAlpha = 1;
        c.fillStyle = colors.grid;
        c.fillRect(GUTTER, y + height, Math.max(0, end - GUTTER), 1);
    }

    drawChain() {
        const { context: c, colors, timeline: t } = this;
        c.strokeStyle = colors.path;
        c.lineWidth = 2;
        c.lineJoin = "round";
        c.beginPath();
        let from = null;
        for (const i of t.chain) {
            const { left, width, y, height } = this.box(i);
            if (from && (from.x < left - 1 || from.y !== y + height / 2)) {
                c.moveTo(from.x, from.y);
                c.lineTo(left, y + height / 2);
            }
            c.rect(left + .5, y, Math.max(1, width - 1), height);
            from = { x: left + width, y: y + height / 2 };
        }
        c.stroke();
    }

    // The marked event, the same action in other panels, and the arrow from what was waited for.
    drawMarks() {
        const { context: c, colors, timeline: t } = this;
        if (this.twin !== undefined) this.outline(this.twin, [4, 3]);
        if (this.marked === undefined) return;
        this.outline(this.marked, []);
        const source = t.waitOf.get(this.marked)?.source ?? -1;
        if (source < 0) return;
        this.outline(source, [4, 3]);
        const a = this.box(source), b = this.box(this.marked);
        if (a.y === b.y) return;
        // From the side of the source that faces the target, near its end, to the target's side near its start.
        const down = a.y < b.y ? 1 : -1;
        const x = a.left + a.width - Math.min(4, a.width / 2), y = down > 0 ? a.y + a.height : a.y;
        const u = b.left + Math.min(4, b.width / 2), v = down > 0 ? b.y : b.y + b.height;
        const bend = (v - y) / 2;
        c.beginPath();
        c.moveTo(x, y);
        c.bezierCurveTo(x, y + bend, u, v - bend, u, v);
        c.moveTo(u - 4, v - 7 * down);
        c.lineTo(u, v);
        c.lineTo(u + 4, v - 7 * down);
        c.lineWidth = 2;
        c.strokeStyle = colors.text;
        c.stroke();
    }

    outline(i, dash) {
        const { left, width, y, height } = this.box(i), c = this.context;
        c.setLineDash(dash);
        c.lineWidth = 2;
        c.strokeStyle = this.colors.text;
        c.strokeRect(left, y, width, height);
        c.setLineDash([]);
    }

    // The event at a point, or the one within three pixels; the last started where several overlap.
    hit(x, y) {
        const { timeline: t, rows, layout } = this;
        const rank = Math.floor((y - AXIS + this.scroll) / rows.row);
        if (x < GUTTER - 3 || y < AXIS || rank < 0 || rank >= t.ranks) return undefined;
        const inRow = y - this.top(rank);
        if (inRow > rows.bar + rows.beside) return undefined;
        const near = 3 / this.plotWidth * (this.view.to - this.view.from), at = this.value(x);
        let best, least = Infinity;
        for (let i = lowerBound(layout.left, at + near, t.first[rank], t.first[rank + 1]) - 1; i >= t.first[rank]; i--) {
            if (layout.reach[i] < at - near) break;
            if (t.kinds[t.kind[i]].beside !== inRow > rows.bar) continue;
            const away = Math.max(0, layout.left[i] - at, at - layout.right[i]);
            if (away < least && away <= near) [best, least] = [i, away];
            if (away === 0) break;
        }
        return best;
    }
}

