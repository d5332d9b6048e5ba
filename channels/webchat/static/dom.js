/** Building blocks for the page: elements with text, and icons drawn as SVG nodes. */

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  send: ["M5 12h13", "M12 5l7 7-7 7"],
  clip: ["M20.5 11.5l-8.4 8.4a5.4 5.4 0 0 1-7.6-7.6l8.5-8.5a3.6 3.6 0 0 1 5.1 5.1l-8.5 8.5a1.8 1.8 0 0 1-2.5-2.6l7.7-7.7"],
  pin: ["M12 21.5s7-6.2 7-11.6A7 7 0 0 0 5 9.9c0 5.4 7 11.6 7 11.6z", "M12 12.4a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  down: ["M6 9.5l6 6 6-6"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  clock: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 7.5V12l3 2"],
  alert: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 7.5v5.5", "M12 16.3v.1"],
  file: ["M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8z", "M14 3v5h5"],
  list: ["M9 6h11", "M9 12h11", "M9 18h11", "M4.5 6h.01", "M4.5 12h.01", "M4.5 18h.01"],
  sound: ["M11 5.5L6.5 9H3v6h3.5l4.5 3.5z", "M15.5 9a4.2 4.2 0 0 1 0 6", "M18.3 6.3a8 8 0 0 1 0 11.4"],
  mute: ["M11 5.5L6.5 9H3v6h3.5l4.5 3.5z", "M16 9.5l5 5", "M21 9.5l-5 5"],
  out: ["M14 4h6v6", "M20 4l-9 9", "M18 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h4"],
  bot: ["M12 3.5V7", "M7 7h10a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3v-6a3 3 0 0 1 3-3z", "M9 12.5v1", "M15 12.5v1"],
};

/** An icon that assistive technology skips; its button carries the name. */
export function icon(name, className = "icon") {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("class", className);
  for (const line of ICONS[name] ?? []) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", line);
    drawing.append(path);
  }
  return drawing;
}

/** `make("p.note", "text")`: a tag with classes and children; strings become text, never markup. */
export function make(selector, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(" ");
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function button(className, label, ...children) {
  const element = make(`button.${className}`, ...children);
  element.type = "button";
  if (label) {
    element.setAttribute("aria-label", label);
    element.title = label;
  }
  return element;
}

/** Text whose direction follows its first strong letter. */
export function bidi(selector, text) {
  const element = make(selector, String(text ?? ""));
  element.dir = "auto";
  return element;
}

/** "AB" for Ann Becker; one letter where two would join into a syllable (Arabic, Devanagari, Hangul). */
export const initials = (name) => {
  const words = String(name ?? "").trim().split(/\s+/u).filter(Boolean);
  const joined = words.length > 0 && !/^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u.test(words[0]);
  const picked = words.length > 1 && !joined ? [words[0], words[words.length - 1]] : words.slice(0, 1);
  return picked.map((word) => [...word][0].toLocaleUpperCase()).join("");
};

/** One of six quiet avatar tones, the same for the same name. */
export function tone(name) {
  let sum = 0;
  for (const character of String(name ?? "")) sum = (sum * 31 + character.codePointAt(0)) % 9973;
  return `tone-${sum % 6}`;
}
