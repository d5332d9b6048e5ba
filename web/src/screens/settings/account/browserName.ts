// In the order in which they are looked for: each names those before it, too.
const BROWSERS = [/Edg/, /OPR|Opera/, /Firefox/, /Chrome|Chromium/, /Safari/];
const NAMES = ["Edge", "Opera", "Firefox", "Chrome", "Safari"];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/Android/, "Android"],
  [/iPhone/, "an iPhone"],
  [/iPad/, "an iPad"],
  [/Windows/, "Windows"],
  [/Mac OS/, "a Mac"],
  [/Linux/, "Linux"],
];

/** What a browser calls itself, in words: "Firefox on Linux". */
export function browserName(said: string | null | undefined): string {
  const text = said ?? "";
  const at = BROWSERS.findIndex((pattern) => pattern.test(text));
  const system = SYSTEMS.find(([pattern]) => pattern.test(text))?.[1];
  return [NAMES[at] ?? (text.slice(0, 40) || "A browser"), system && `on ${system}`].filter(Boolean).join(" ");
}
