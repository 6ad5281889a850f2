// Numbers as text: short, and the same in every locale.

const trimmed = (value, digits) => String(Number(value.toFixed(digits)));

// The unit in which times of a given length are short; as TimeAxis does for the other pictures.
function timeScale(unit, length) {
    if (unit === "Units") return { factor: 1, name: "units" };
    return length >= 1 ? { factor: 1, name: "s" } : length >= 1e-3 ? { factor: 1e3, name: "ms" } : { factor: 1e6, name: "µs" };
}

// To a number of digits; those before the point always stand, and four after it at most.
function timeText(time, scale, digits = 4) {
    const value = time * scale.factor, before = value === 0 ? 1 : 1 + Math.floor(Math.log10(Math.abs(value)));
    const number = trimmed(value, Math.min(4, Math.max(0, digits - before)));
    return `${number} ${number === "1" && scale.name === "units" ? "unit" : scale.name}`;
}

const percent = share => `${(100 * share).toFixed(1)} %`;

function bytesText(bytes) {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
    return `${trimmed(bytes, 2)} ${units[unit]}`;
}

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : word.endsWith("ch") ? "es" : "s"}`;

// 1, 2 or 5 times a power of ten, not below the given distance.
function roundStep(distance) {
    const power = 10 ** Math.floor(Math.log10(distance));
    return power * ([1, 2, 5].find(digit => digit * power >= distance * (1 - 1e-12)) ?? 10);
}

function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
}

