// An operation says which entities of a document become what. It can be applied, undone, merged and shown to people.
import { edgeKey, type FlowDocument, type FlowEdge, type FlowNode, type Json, type Note, type Point, same, type Translation, type Translations, type Variable } from "./document";

export type Kind = "node" | "edge" | "place" | "note" | "variable" | "head" | "language" | "translation";

/** One entity's way from one value to another; undefined means that it isn't there. `at` keeps lists in their order. */
export interface Change {
  kind: Kind;
  id: string;
  from?: unknown;
  to?: unknown;
  at?: number;
}

export type Operation = readonly Change[];

const HEAD = ["name", "settings", "schema", "language"] as const;

interface Entity {
  value: unknown;
  at?: number;
}

/** Everything in a document by kind and id. */
function entities(document: FlowDocument): Map<string, Entity> {
  const found = new Map<string, Entity>();
  const list = (kind: Kind, values: readonly unknown[] | undefined, id: (value: never) => string) =>
    values?.forEach((value, at) => found.set(`${kind} ${id(value as never)}`, { value, at }));
  list("node", document.nodes, (node: FlowNode) => node.id);
  list("edge", document.edges, edgeKey);
  list("note", document.notes, (note: Note) => note.id);
  list("variable", document.variables, (variable: Variable) => variable.name);
  for (const [id, place] of Object.entries(document.layout ?? {})) found.set(`place ${id}`, { value: place });
  for (const [tag, texts] of Object.entries(document.translations ?? {})) {
    found.set(`language ${tag}`, { value: true });
    for (const [place, text] of Object.entries(texts)) found.set(`translation ${tag} ${place}`, { value: text });
  }
  for (const key of HEAD) if (document[key] !== undefined) found.set(`head ${key}`, { value: document[key] });
  return found;
}

/** What leads from one document to the other. */
export function difference(before: FlowDocument, after: FlowDocument): Operation {
  if (before === after) return [];
  const [old, now] = [entities(before), entities(after)];
  const changes: Change[] = [];
  for (const key of new Set([...old.keys(), ...now.keys()])) {
    const [from, to] = [old.get(key), now.get(key)];
    if (same(from?.value, to?.value)) continue;
    const [kind, id] = split(key);
    changes.push({ kind, id, from: from?.value, to: to?.value, at: to?.at ?? from?.at });
  }
  return changes;
}

function split(key: string): [Kind, string] {
  const at = key.indexOf(" ");
  return [key.slice(0, at) as Kind, key.slice(at + 1)];
}

/** The operation that takes this one back. */
export function inverse(operation: Operation): Operation {
  return operation.map(({ kind, id, from, to, at }) => ({ kind, id, from: to, to: from, at }));
}

/** The document after an operation. Entities that it doesn't name stay as they are, the very same values. */
export function apply(document: FlowDocument, operation: Operation): FlowDocument {
  if (!operation.length) return document;
  const of = (kind: Kind) => operation.filter((change) => change.kind === kind);
  const next: FlowDocument = {
    ...document,
    nodes: replaced(document.nodes, of("node"), (node) => node.id),
    edges: replaced<FlowEdge>(document.edges, of("edge"), edgeKey),
  };
  if (of("note").length) next.notes = replaced(document.notes ?? [], of("note"), (note) => note.id);
  if (of("variable").length) next.variables = replaced(document.variables ?? [], of("variable"), (variable) => variable.name);
  if (of("place").length) next.layout = placed(document.layout ?? {}, of("place"));
  const spoken = [...of("language"), ...of("translation")];
  if (spoken.length) next.translations = translated(document.translations ?? {}, spoken);
  for (const { id, to } of of("head")) Object.assign(next, { [id]: to as Json });
  return next;
}

function replaced<T>(list: T[], changes: readonly Change[], id: (value: T) => string): T[] {
  if (!changes.length) return list;
  const to = new Map(changes.map((change) => [change.id, change]));
  const next: T[] = [];
  for (const value of list) {
    const change = to.get(id(value));
    if (!change) next.push(value);
    else if (change.to !== undefined) next.push(change.to as T);
    to.delete(id(value));
  }
  const added = [...to.values()].filter((change) => change.to !== undefined).sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
  for (const { at, to: value } of added) next.splice(Math.min(at ?? next.length, next.length), 0, value as T);
  return next;
}

function placed(layout: Record<string, Point>, changes: readonly Change[]): Record<string, Point> {
  const next = { ...layout };
  for (const { id, to } of changes) {
    if (to === undefined) delete next[id];
    else next[id] = to as Point;
  }
  return next;
}

/** A language that isn't there (any more) takes no texts. */
function translated(translations: Translations, changes: readonly Change[]): Translations {
  const next: Translations = Object.fromEntries(Object.entries(translations).map(([tag, texts]) => [tag, { ...texts }]));
  for (const { kind, id, to } of changes) {
    if (kind !== "language") continue;
    if (to === undefined) delete next[id];
    else next[id] ??= {};
  }
  for (const { kind, id, to } of changes) {
    const [tag = "", place] = id.split(/ (.*)/s);
    const texts = next[tag];
    if (kind !== "translation" || place === undefined || !texts) continue;
    if (to === undefined) delete texts[place];
    else texts[place] = to as Translation;
  }
  return next;
}

/** A place where two people changed the same entity in different ways. */
export interface Clash {
  kind: Kind;
  id: string;
  /** What it was before both. */
  base: unknown;
  mine: unknown;
  theirs: unknown;
}

/** What I changed since `base`, on top of `theirs`. Where both touched one thing mine is kept and the clash is told;
 * where a node stands is no clash. An edge to a node that the other deleted goes with it. */
export function merge(base: FlowDocument, mine: FlowDocument, theirs: FlowDocument): { document: FlowDocument; clashes: Clash[] } {
  const ours = difference(base, mine);
  const others = new Map(difference(base, theirs).map((change) => [`${change.kind} ${change.id}`, change]));
  const clashes: Clash[] = [];
  for (const { kind, id, from, to } of ours) {
    const other = others.get(`${kind} ${id}`);
    if (other && kind !== "place" && !same(other.to, to)) clashes.push({ kind, id, base: from, mine: to, theirs: other.to });
  }
  const document = apply(theirs, ours);
  const nodes = new Set(document.nodes.map((node) => node.id));
  return { document: { ...document, edges: document.edges.filter((edge) => nodes.has(edge.from) && nodes.has(edge.to)) }, clashes };
}
