// What a clipboard holds, which anybody may have written: only what a flow can keep is taken from it (schemas/flow.py).
import type { Clip } from "./clipboard";
import { edgeKey, type FlowEdge, type FlowNode, isObject, type Note, type Point, type Translation, type Translations, type Variable } from "./document";
import { lookup, places } from "./lookup";

export const MARK = "postdog/steps";
const LARGEST = 2_000_000;
/** Pixels from the middle of the canvas: browsers draw nothing sensible much further out. */
const FAR = 1_000_000;

type Right = (value: unknown) => boolean;
type Shape = Record<string, Right>;

const text =
  (longest: number, pattern = /^/): Right =>
  (value) =>
    typeof value === "string" && value.length <= longest && pattern.test(value);
const number =
  (least: number, most: number): Right =>
  (value) =>
    typeof value === "number" && value >= least && value <= most;
const flag: Right = (value) => typeof value === "boolean";

const ID = text(64, /^[A-Za-z0-9_-]+$/);
const POINT: Shape = { x: number(-FAR, FAR), y: number(-FAR, FAR) };
const NODE: Shape = { id: ID, type: text(64, /^[a-z][a-z0-9_.]*$/) };
const NODE_MORE: Shape = { label: text(200), config: isObject };
const EDGE: Shape = { from: ID, port: ID, to: ID };
const NOTE: Shape = { id: ID, ...POINT };
const NOTE_MORE: Shape = { text: text(2_000), width: number(80, 2_000), height: number(40, 2_000), colour: text(20, /^[a-z]+$/) };
const NEW_NOTE = { text: "", width: 220, height: 120, colour: "yellow" };
const VARIABLE: Shape = { name: text(64, /^[A-Za-z_]\w*$/) };
const VARIABLE_MORE: Shape = { type: text(10, /^(text|number|boolean|date|list|object)$/), input: flag, output: flag, default: () => true };
const TRANSLATION: Shape = { text: text(10_000, /./s), source: text(10_000) };

/** What a text holds, if it was copied here; null for anything else, however broken. */
export function readClip(said: string): Clip | null {
  if (said.length > LARGEST || !said.includes(MARK)) return null;
  let found: unknown;
  try {
    found = JSON.parse(said);
  } catch {
    return null;
  }
  if (!isObject(found) || found.kind !== MARK) return null;
  const nodes = list<FlowNode>(found.nodes, NODE, NODE_MORE, (node) => node.id);
  const edges = list<FlowEdge>(found.edges, EDGE, {}, edgeKey);
  return {
    kind: MARK,
    nodes,
    edges,
    notes: list<Note>(found.notes, NOTE, NOTE_MORE, (note) => note.id).map((note) => ({ ...NEW_NOTE, ...note })),
    layout: placed(nodes, edges, found.layout),
    variables: list<Variable>(found.variables, VARIABLE, VARIABLE_MORE, (variable) => variable.name),
    translations: translations(found.translations),
  };
}

/** The right parts of the right values, each name once. */
function list<T>(values: unknown, must: Shape, may: Shape, key: (value: T) => string): T[] {
  const taken = new Map<string, T>();
  for (const value of Array.isArray(values) ? values : []) {
    const read = parts<T>(value, must, may);
    if (read && !taken.has(key(read))) taken.set(key(read), read);
  }
  return [...taken.values()];
}

/** A value with what is right in it, undefined where something is missing that it must have. */
function parts<T>(value: unknown, must: Shape, may: Shape = {}): T | undefined {
  if (!isObject(value) || !Object.entries(must).every(([key, right]) => right(value[key]))) return undefined;
  const right = (key: string) => key in must || (Object.hasOwn(may, key) && may[key]?.(value[key]));
  return Object.fromEntries(Object.entries(value).filter(([key]) => right(key))) as T;
}

/** Where the nodes stand: where the clipboard says so, else beside one another. */
function placed(nodes: FlowNode[], edges: FlowEdge[], said: unknown): Record<string, Point> {
  const layout: Record<string, Point> = {};
  for (const { id } of nodes) {
    const place = isObject(said) && Object.hasOwn(said, id) ? parts<Point>(said[id], POINT) : undefined;
    if (place) layout[id] = place;
  }
  const drawn = { schema: 1, name: "", nodes, edges, layout };
  return places(drawn, lookup(drawn));
}

function translations(said: unknown): Translations {
  const languages = Object.entries(isObject(said) ? said : {}).filter(([, texts]) => isObject(texts));
  return Object.fromEntries(
    languages.map(([tag, texts]) => {
      const read = Object.entries(texts as object).map(([place, each]) => [place, parts<Translation>(each, TRANSLATION)] as const);
      return [tag, Object.fromEntries(read.filter((pair): pair is [string, Translation] => pair[1] !== undefined))];
    }),
  );
}
