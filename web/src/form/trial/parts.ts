// The parts of a JSON answer, each with the JMESPath that finds it, and the name of a variable to keep it in.
import { isObject, type Json } from "@/flow/document";

export interface Part {
  /** JMESPath from the answer's root, such as body.slots[0].id. */
  path: string;
  name: string;
  depth: number;
  /** Its value in words; of lists and objects how many they hold. */
  words: string;
  /** It holds others. */
  holds: boolean;
}

export const MOST_PARTS = 200;
const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
const DEEPEST = 6;
const LONGEST = 80;

/** Every part of a value that may be kept, as a list to show with indents. */
export function partsOf(value: Json, path: string): Part[] {
  const found: Part[] = [];
  walk(value, path, 0, found);
  return found;
}

function walk(value: Json, path: string, depth: number, found: Part[]): void {
  const below: [string, string, Json][] = Array.isArray(value)
    ? value.map((each, at): [string, string, Json] => [`${at + 1}`, `${path}[${at}]`, each])
    : isObject(value)
      ? Object.entries(value).map(([key, each]): [string, string, Json] => [key, `${path}.${PLAIN.test(key) ? key : JSON.stringify(key)}`, each])
      : [];
  for (const [name, at, each] of below) {
    if (found.length >= MOST_PARTS) return;
    const holds = (Array.isArray(each) ? each.length : isObject(each) ? Object.keys(each).length : 0) > 0;
    found.push({ path: at, name, depth, words: wordsOf(each), holds });
    if (holds && depth < DEEPEST) walk(each, at, depth + 1, found);
  }
}

function wordsOf(value: Json): string {
  if (Array.isArray(value)) return value.length === 1 ? "1 item" : `${value.length} items`;
  if (isObject(value)) return value && Object.keys(value).length ? "" : "{}";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** A variable for a part: its key, with what stands before it where others have that name. */
export function variableFor(path: string, taken: readonly string[]): string {
  const keys = path.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [];
  const words = keys.filter((key, at) => at > 0 || key !== "body");
  const free = (name: string) => name && !taken.includes(name);
  const made = words.map((_, at) => words.slice(words.length - 1 - at).join("_").slice(0, 60)).find(free);
  if (made) return made;
  const base = (words.join("_") || "answer").slice(0, 60);
  for (let at = 1; ; at++) {
    const name = at === 1 ? base : `${base}_${at}`;
    if (free(name)) return name;
  }
}
