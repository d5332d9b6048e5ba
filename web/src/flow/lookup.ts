// A document's nodes by id and edges by their ends, made once for each document and shared by every card.
import { edgeKey, type FlowDocument, type FlowEdge, type FlowNode, type Point } from "./document";

export interface Lookup {
  node: ReadonlyMap<string, FlowNode>;
  index: ReadonlyMap<string, number>;
  edge: ReadonlyMap<string, FlowEdge>;
  out: ReadonlyMap<string, readonly FlowEdge[]>;
  into: ReadonlyMap<string, readonly FlowEdge[]>;
}

const NONE: readonly FlowEdge[] = [];

export function lookup(document: FlowDocument): Lookup {
  const out = new Map<string, FlowEdge[]>();
  const into = new Map<string, FlowEdge[]>();
  for (const edge of document.edges) {
    push(out, edge.from, edge);
    push(into, edge.to, edge);
  }
  return {
    node: new Map(document.nodes.map((node) => [node.id, node])),
    index: new Map(document.nodes.map((node, index) => [node.id, index])),
    edge: new Map(document.edges.map((edge) => [edgeKey(edge), edge])),
    out,
    into,
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

export const outOf = (found: Lookup, id: string): readonly FlowEdge[] => found.out.get(id) ?? NONE;

const COLUMN = 340;
const ROW = 220;

/** The places of all nodes: the document's, and for nodes without one a column by their distance from the start. */
export function places(document: FlowDocument, found: Lookup): Record<string, Point> {
  const layout = document.layout ?? {};
  const missing = document.nodes.filter((node) => !layout[node.id]);
  if (!missing.length) return layout;
  const depth = depths(document, found);
  const known = Object.values(layout);
  const top = known.length ? Math.max(...known.map((place) => place.y)) + ROW : 0;
  const rows = new Map<number, number>();
  const made: Record<string, Point> = { ...layout };
  for (const { id } of missing) {
    const column = depth.get(id) ?? 0;
    const row = rows.get(column) ?? 0;
    rows.set(column, row + 1);
    made[id] = { x: column * COLUMN, y: top + row * ROW };
  }
  return made;
}

function depths(document: FlowDocument, found: Lookup): Map<string, number> {
  const depth = new Map<string, number>();
  const begin = document.nodes.filter((node) => !found.into.has(node.id)).map((node) => node.id);
  const queue = begin.length ? begin : document.nodes.slice(0, 1).map((node) => node.id);
  queue.forEach((id) => depth.set(id, 0));
  for (let id = queue.shift(); id !== undefined; id = queue.shift())
    for (const { to } of outOf(found, id)) {
      if (depth.has(to)) continue;
      depth.set(to, (depth.get(id) ?? 0) + 1);
      queue.push(to);
    }
  return depth;
}
