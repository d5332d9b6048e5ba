// Copy and paste as JSON, so that it works across flows, windows and text editors.
import { type FlowDocument, type FlowEdge, type FlowNode, freshId, type Note, type Point, type Translations, type Variable } from "./document";
import { MARK } from "./foreign";
import { ofNodes, pasted } from "./translation";

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
