// What gestures do to a document: pure functions from one document to the next.
import { type Config, edgeKey, type FlowDocument, type FlowEdge, type FlowNode, type Note, type Point } from "./document";
import { withoutNodes } from "./translation";

export function addNode(document: FlowDocument, node: FlowNode, place: Point): FlowDocument {
  return { ...document, nodes: [...document.nodes, node], layout: { ...document.layout, [node.id]: place } };
}

/** Leads a way out to a node; where it led before is forgotten. */
export function connect(document: FlowDocument, edge: FlowEdge): FlowDocument {
  const key = edgeKey(edge);
  const kept = document.edges.filter((other) => edgeKey(other) !== key);
  return { ...document, edges: [...kept, edge] };
}

export function disconnect(document: FlowDocument, keys: ReadonlySet<string>): FlowDocument {
  return { ...document, edges: document.edges.filter((edge) => !keys.has(edgeKey(edge))) };
}

/** Moves the end of an edge: to another node, or to another way out. */
export function reconnect(document: FlowDocument, old: string, edge: FlowEdge): FlowDocument {
  return connect(disconnect(document, new Set([old])), edge);
}

/** Deletes nodes and notes with their edges, places and translations. */
export function remove(document: FlowDocument, ids: ReadonlySet<string>): FlowDocument {
  const layout = Object.fromEntries(Object.entries(document.layout ?? {}).filter(([id]) => !ids.has(id)));
  return {
    ...document,
    nodes: document.nodes.filter((node) => !ids.has(node.id)),
    edges: document.edges.filter((edge) => !ids.has(edge.from) && !ids.has(edge.to)),
    ...(document.notes && { notes: document.notes.filter((note) => !ids.has(note.id)) }),
    ...(document.translations && { translations: withoutNodes(document.translations, ids) }),
    layout,
  };
}

/** Puts a node into the middle of an edge; it goes on where the edge went, by its first way out. */
export function insert(document: FlowDocument, key: string, node: string, port: string | undefined): FlowDocument {
  const edge = document.edges.find((each) => edgeKey(each) === key);
  if (!edge || edge.from === node || edge.to === node) return document;
  const led = connect(document, { ...edge, to: node });
  return port ? connect(led, { from: node, port, to: edge.to }) : led;
}

export function changeNode(document: FlowDocument, id: string, change: Partial<Omit<FlowNode, "id">>): FlowDocument {
  return { ...document, nodes: document.nodes.map((node) => (node.id === id ? { ...node, ...change } : node)) };
}

export function setConfig(document: FlowDocument, id: string, config: Config): FlowDocument {
  return changeNode(document, id, { config });
}

export function move(document: FlowDocument, places: Record<string, Point>): FlowDocument {
  const notes = document.notes?.map((note) => (places[note.id] ? { ...note, ...places[note.id] } : note));
  const own = new Set(document.notes?.map((note) => note.id));
  const layout = { ...document.layout };
  for (const [id, place] of Object.entries(places)) if (!own.has(id)) layout[id] = place;
  return { ...document, layout, ...(notes && { notes }) };
}

export function putNote(document: FlowDocument, note: Note): FlowDocument {
  const notes = document.notes ?? [];
  const known = notes.some((each) => each.id === note.id);
  return { ...document, notes: known ? notes.map((each) => (each.id === note.id ? note : each)) : [...notes, note] };
}
