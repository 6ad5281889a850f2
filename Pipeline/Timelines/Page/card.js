// The card about one action: beside the pointer, or beside the bar when the keyboard chose it.

const Card = {
    root: document.getElementById("card"),

    show(timeline, i, x, y) {
        const t = timeline, kind = t.kinds[t.kind[i]], scale = t.scale, wait = t.waitOf.get(i);
        const rows = [
            ["Where", `rank ${t.rank[i]}, stage ${t.stage[i]}`],
            ["Start", timeText(t.start[i], scale, 6)],
            ["Duration", timeText(t.duration[i], scale, 6)],
            ["End", timeText(t.start[i] + t.duration[i], scale, 6)],
            ["Held at end", t.heldText(t.heldAfter(i))],
        ];
        if (t.moved[i]) rows.push(["Moved", bytesText(t.moved[i])]);
        if (wait?.text) {
            const where = wait.source >= 0 ? ` on rank ${t.rank[wait.source]}` : "", how = wait.recorded ? "" : " (by its data)";
            rows.push(["Waited", `${timeText(wait.idle, scale)} for ${wait.text}${where}${how}`]);
        } else if (wait) rows.push(["Idle before", timeText(wait.idle, scale)]);
        const list = element("dl");
        for (const [term, text] of rows) list.append(element("dt", { textContent: term }), element("dd", { textContent: text }));
        const swatch = element("i");
        swatch.style.background = kind.color;
        const legend = kind.legend.startsWith(kind.text + " ") ? kind.legend.slice(kind.text.length + 1) : kind.legend;
        const meaning = legend.startsWith("=") ? "backward" : legend;
        this.root.replaceChildren(element("h3", {}, swatch, `${t.label(i)} ${meaning}`), list);
        if (t.onChain.has(i)) this.root.append(element("p", { className: "on-path", textContent: "On the critical path" }));
        this.root.hidden = false;
        const { width, height } = this.root.getBoundingClientRect();
        const left = x + 16 + width > innerWidth - 8 ? x - 16 - width : x + 16;
        const top = y + 18 + height > innerHeight - 8 ? y - 14 - height : y + 18;
        this.root.style.left = `${Math.max(8, left)}px`;
        this.root.style.top = `${Math.max(8, top)}px`;
    },

    hide() { this.root.hidden = true; },
};

