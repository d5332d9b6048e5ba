// Lays the steps out from left to right, with elk in a worker: loaded only when it is asked for.
import ELK, { type ELK as Elk, type ElkNode } from "elkjs/lib/elk-api.js";
import worker from "elkjs/lib/elk-worker.min.js?url";

import type { Note, Point } from "@/flow/document";
import type { FlowState } from "@/flow/store";

import { ABOVE, type Laid, notesOf, partsOf, type Size, stacked, withNotes } from "./arrange";
import { knownPorts, withUsed } from "./ports";
import type { CardNode } from "./view";

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.layered.spacing.nodeNodeBetweenLayers": "96",
  "elk.spacing.nodeNode": "44",
  "elk.padding": "[top=0,left=0,bottom=0,right=0]",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.considerModelOrder.strategy": "PREFER_EDGES",
};
const SIZE = { width: 248, height: 140 };
const [ROW, BELOW] = [25, 5];
const NO_NOTES: readonly Note[] = [];

type Sizes = ReadonlyMap<string, Size>;
type Notes = ReadonlyMap<string, readonly Note[]>;

/** A part of the flow as elk takes it: cards below their notes, with their ways out in order at the right side. */
function graphOf(state: FlowState, part: ReadonlySet<string>, sizes: Sizes, notes: Notes): ElkNode {
  return {
    id: "flow",
    layoutOptions: OPTIONS,
    children: state.document.nodes.filter(({ id }) => part.has(id)).map(({ id }) => {
      const { width, height, top } = withNotes(sizes.get(id) ?? SIZE, notes.get(id) ?? NO_NOTES);
      const out = state.lookup.out.get(id) ?? [];
      const ports = withUsed(knownPorts(state, id), out).filter((port) => port.kind !== "error" || out.some((edge) => edge.port === port.id));
      const first = height - ports.length * ROW - BELOW;
      return {
        id,
        width,
        height,
        layoutOptions: { "elk.portConstraints": "FIXED_POS" },
        ports: [
          { id: `${id}/>`, x: 0, y: top + 24, width: 1, height: 1, layoutOptions: { "elk.port.side": "WEST" } },
          ...ports.map((port, row) => ({ id: `${id}/${port.id}`, x: width, y: first + row * ROW + 12, width: 1, height: 1, layoutOptions: { "elk.port.side": "EAST" } })),
        ],
      };
    }),
    edges: state.document.edges
      .filter((edge) => part.has(edge.from) && part.has(edge.to))
      .map((edge) => ({ id: `${edge.from}/${edge.port}`, sources: [`${edge.from}/${edge.port}`], targets: [`${edge.to}/>`] })),
  };
}

/** Where each step and note should stand. A jump draws no edge, so it pulls nothing out of its place. */
export async function tidy(state: FlowState, nodes: readonly CardNode[]): Promise<Record<string, Point>> {
  const elk = new ELK({ workerUrl: worker });
  try {
    const cards = new Map(nodes.filter((node) => node.type === "step").map(({ id, position, measured }) => [id, { ...position, width: measured?.width ?? SIZE.width, height: measured?.height ?? SIZE.height }]));
    const all = state.document.notes ?? NO_NOTES;
    const notes = notesOf(all, cards);
    const about = new Set([...notes.values()].flat().map((note) => note.id));
    const starts = (id: string) => state.types.get(state.lookup.node.get(id)?.type ?? "")?.starts ?? false;
    const laid: Laid[] = [];
    for (const part of partsOf(state.document, starts)) laid.push(await laidOut(elk, state, part, cards, notes, part.some(starts)));
    const alone = all.filter((note) => !about.has(note.id)).map((note) => ({ size: note, places: { [note.id]: { x: 0, y: 0 } }, row: false }));
    return stacked([...laid, ...alone]);
  } finally {
    elk.terminateWorker();
  }
}

async function laidOut(elk: Elk, state: FlowState, part: readonly string[], sizes: Sizes, notes: Notes, row: boolean): Promise<Laid> {
  const graph = graphOf(state, new Set(part), sizes, notes);
  const done = part.length > 1 ? await elk.layout(graph) : { ...graph, ...sizeOf(graph) };
  const places: Record<string, Point> = {};
  for (const { id, x = 0, y = 0 } of done.children ?? []) {
    let below = y;
    for (const note of notes.get(id) ?? NO_NOTES) {
      places[note.id] = { x, y: below };
      below += note.height + ABOVE;
    }
    places[id] = { x, y: below };
  }
  return { size: { width: done.width ?? 0, height: done.height ?? 0 }, places, row };
}

const sizeOf = ({ children: [only] = [] }: ElkNode): Size => ({ width: only?.width ?? 0, height: only?.height ?? 0 });
