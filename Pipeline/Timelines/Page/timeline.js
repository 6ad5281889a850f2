// One timeline out of the page's data, and the two ways to lay its events along an axis: by time and by step.

class Timeline {
    constructor(data, kinds) {
        Object.assign(this, data);
        this.kinds = kinds;
        this.length = this.start.length;
        this.scale = timeScale(this.unit, this.makespan);
        this.first = new Array(this.ranks + 1).fill(this.length);
        for (let i = this.length - 1; i >= 0; i--) this.first[this.rank[i]] = i;
        for (let rank = this.ranks - 1; rank >= 0; rank--) this.first[rank] = Math.min(this.first[rank], this.first[rank + 1]);
        this.waitOf = new Map();
        for (const [event, idle, source, text, recorded] of this.waits) this.waitOf.set(event, { idle, source, text, recorded });
        this.onChain = new Set(this.chain);
        this.beside = this.kind.some(kind => kinds[kind].beside);
        this.peaks = this.held.map(points => points.reduce((most, value, i) => i % 2 ? Math.max(most, value) : most, 0));
        this.peak = Math.max(0, ...this.peaks);
        const labels = new Map();
        for (let i = 0; i < this.length; i++) labels.set(this.label(i), i);
        this.byLabel = labels;
        const ends = this.start.map((start, i) => start + this.duration[i]);
        this.byTime = this.layOut(this.start, ends, this.makespan);
        const after = this.step.map((step, i) => step + (this.count[i] ?? 1));
        this.bySteps = this.layOut(this.step, after, after.reduce((most, end) => Math.max(most, end), 0));
    }

    // reach[i]: the furthest end on the rank up to event i, which is sorted where the ends need not be.
    layOut(left, right, extent) {
        const reach = new Array(this.length);
        for (let i = 0; i < this.length; i++)
            reach[i] = i > 0 && this.rank[i] === this.rank[i - 1] ? Math.max(reach[i - 1], right[i]) : right[i];
        return { left, right, reach, extent: extent || 1 };
    }

    label(i) {
        const [microbatch, count] = [this.microbatch[i], this.count[i] ?? 1];
        const text = this.stage[i] + this.kinds[this.kind[i]].text + (microbatch < 0 ? "" : microbatch);
        return count === 1 ? text : `${text}-${microbatch + count - 1}`;
    }

    // What the rank holds when the event ends.
    heldAfter(event) {
        const points = this.held[this.rank[event]], end = this.start[event] + this.duration[event];
        let value = 0;
        for (let k = 0; k < points.length; k += 2) {
            const at = points[k] >> 1, atEnd = points[k] & 1;
            const time = this.start[at] + (atEnd ? this.duration[at] : 0);
            // A start at the very end belongs to the next action.
            if (time > end || (time === end && at > event)) break;
            value = points[k + 1];
        }
        return value;
    }

    heldText(value) { return this.heldInBytes ? bytesText(value) : plural(Number(trimmed(value, 2)), "microbatch"); }

    busyShare(rank) { return this.makespan > 0 ? this.busy[rank] / this.makespan : 0; }
}

// The first index from low to high where the sorted values are at least the bound.
function lowerBound(values, bound, low, high) {
    while (low < high) {
        const middle = (low + high) >> 1;
        if (values[middle] < bound) low = middle + 1;
        else high = middle;
    }
    return low;
}

