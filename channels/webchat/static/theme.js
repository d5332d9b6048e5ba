/** The channel's colour as CSS variables, with text that stays readable on it (WCAG 2.2, 1.4.3: contrast 4.5). */

const READABLE = 4.5;
const DEFAULT = "#3457d5";
const LIGHT_SURFACE = [255, 255, 255];
const DARK_SURFACE = [27, 31, 39];

/** `#abc` or `#aabbcc` as [r, g, b], or null. */
export function parseColour(value) {
  const match = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/iu.exec(String(value ?? "").trim());
  if (!match) return null;
  const full = match[1].length === 3 ? [...match[1]].map((digit) => digit + digit).join("") : match[1];
  return [0, 2, 4].map((start) => parseInt(full.slice(start, start + 2), 16));
}

function luminance(colour) {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one, two) {
  const [high, low] = [luminance(one), luminance(two)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

const mix = (one, two, share) => one.map((part, index) => Math.round(part + (two[index] - part) * share));
const css = (colour) => `rgb(${colour.join(" ")})`;

/** The colour moved towards black or white just as far as it takes to be read on `surface`. */
export function readable(colour, surface) {
  const towards = luminance(surface) > 0.4 ? [0, 0, 0] : [255, 255, 255];
  for (let share = 0; share < 1; share += 0.05) {
    const tried = mix(colour, towards, share);
    if (contrast(tried, surface) >= READABLE) return tried;
  }
  return towards;
}

/** Ink for text on the colour: white where it reads, else near-black, else black (one of them always reaches 4.5). */
export function inkOn(colour) {
  const inks = [[255, 255, 255], [17, 20, 26], [0, 0, 0]];
  return inks.find((ink) => contrast(colour, ink) >= READABLE) ?? inks[2];
}

/** Sets the variables on `root` and returns `{accent, ink}` as CSS colours. */
export function applyTheme(root, value) {
  const accent = parseColour(value) ?? parseColour(DEFAULT);
  const ink = inkOn(accent);
  root.style.setProperty("--accent", css(accent));
  root.style.setProperty("--accent-deep", css(mix(accent, ink[0] === 255 ? [0, 0, 0] : [255, 255, 255], 0.16)));
  root.style.setProperty("--on-accent", css(ink));
  root.style.setProperty("--accent-ink-light", css(readable(accent, LIGHT_SURFACE)));
  root.style.setProperty("--accent-ink-dark", css(readable(accent, DARK_SURFACE)));
  return { accent: css(accent), ink: css(ink) };
}
