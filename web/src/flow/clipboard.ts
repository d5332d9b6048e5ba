// Copy and paste as JSON, so that it works across flows, windows and text editors.
import { type FlowDocument, type FlowEdge, type FlowNode, freshId, isObject, type Note, type Point, type Translations, type Variable } from "./document";

import { ofNodes, pasted } from "./translation";

const MARK = "postdog/steps";
const LARGEST = 2_000_000;

/** What is on the clipboard: nodes, the edges among them, their places and translations, and the variables of their flow. */
export interface Clip {
  kind: typeof MARK;
  nodes: FlowNode[];
  edges: FlowEdge[];
  notes: Note[];
  layout: Record<string, Point>;
  variables: Variable[];
  translations: Translations;
}

/** The selected part of a document. */
export function clip(document: FlowDocument, ids: ReadonlySet<string>): Clip {
  const nodes = document.nodes.filter((node) => ids.has(node.id));
  const said = JSON.stringify(nodes);
  return {
    kind: MARK,
    nodes,
    edges: document.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to)),
    notes: (document.notes ?? []).filter((note) => ids.has(note.id)),
    layout: Object.fromEntries(Object.entries(document.layout ?? {}).filter(([id]) => ids.has(id))),
    variables: (document.variables ?? []).filter((variable) => said.includes(variable.name)),
    translations: ofNodes(document.translations ?? {}, new Set(nodes.map((node) => node.id))),
  };
}

/** What a text holds, if it was copied here; null for anything else, however broken. */
export function readClip(text: string): Clip | null {
  if (text.length > LARGEST || !text.includes(MARK)) return null;
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(found) || found.kind !== MARK) return null;
  const list = <T>(value: unknown, right: (each: Record<string, unknown>) => boolean): T[] =>
    Array.isArray(value) ? (value.filter((each) => isObject(each) && right(each)) as T[]) : [];
  const text_ = (value: unknown) => typeof value === "string";
  const number = (value: unknown) => typeof value === "number" && Number.isFinite(value);
  const layout: Record<string, Point> = {};
  for (const [id, place] of Object.entries(isObject(found.layout) ? found.layout : {}))
    if (isObject(place) && number(place.x) && number(place.y)) layout[id] = { x: Number(place.x), y: Number(place.y) };
  return {
    kind: MARK,
    nodes: list(found.nodes, (node) => text_(node.id) && text_(node.type) && (node.config === undefined || isObject(node.config))),
    edges: list(found.edges, (edge) => text_(edge.from) && text_(edge.port) && text_(edge.to)),
    notes: list(found.notes, (note) => text_(note.id) && text_(note.text) && number(note.x) && number(note.y)),
    layout,
    variables: list(found.variables, (variable) => text_(variable.name)),
    translations: readTranslations(found.translations),
  };
}

function readTranslations(value: unknown): Translations {
  const right = (text: unknown) => isObject(text) && typeof text.text === "string" && typeof text.source === "string";
  const languages = Object.entries(isObject(value) ? value : {}).filter(([, texts]) => isObject(texts));
  return Object.fromEntries(languages.map(([tag, texts]) => [tag, Object.fromEntries(Object.entries(texts as object).filter(([, text]) => right(text)))]));
}

/** The document with the clip in it under new ids, its upper left corner at `place`; and the new ids. */
export function paste(document: FlowDocument, found: Clip, place: Point, random?: () => number): { document: FlowDocument; ids: string[] } {
  const taken = new Set([...document.nodes.map((node) => node.id), ...(document.notes ?? []).map((note) => note.id)]);
  const renamed = new Map<string, string>();
  for (const { id, type } of [...found.nodes, ...found.notes.map((note) => ({ id: note.id, type: "note" }))]) {
    const fresh = freshId(type, (each) => taken.has(each), random);
    taken.add(fresh);
    renamed.set(id, fresh);
  }
  const name = (id: string) => renamed.get(id) ?? id;
  const corner = upperLeft([...Object.values(found.layout), ...found.notes]);
  const shifted = ({ x, y }: Point): Point => ({ x: place.x + x - corner.x, y: place.y + y - corner.y });
  const layout = { ...document.layout };
  for (const node of found.nodes) layout[name(node.id)] = shifted(found.layout[node.id] ?? corner);
  const known = new Set((document.variables ?? []).map((variable) => variable.name));
  const edges = found.edges.filter((edge) => renamed.has(edge.from) && renamed.has(edge.to));
  return {
    document: {
      ...document,
      nodes: [...document.nodes, ...found.nodes.map((node) => ({ ...node, id: name(node.id) }))],
      edges: [...document.edges, ...edges.map((edge) => ({ ...edge, from: name(edge.from), to: name(edge.to) }))],
      layout,
      notes: [...(document.notes ?? []), ...found.notes.map((note) => ({ ...note, ...shifted(note), id: name(note.id) }))],
      ...(document.translations && { translations: pasted(document.translations, found.translations, renamed) }),
      variables: [...(document.variables ?? []), ...found.variables.filter((variable) => !known.has(variable.name))],
    },
    ids: [...renamed.values()],
  };
}

function upperLeft(places: readonly Point[]): Point {
  return { x: Math.min(...places.map((each) => each.x), Infinity), y: Math.min(...places.map((each) => each.y), Infinity) };
}
