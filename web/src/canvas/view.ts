// What React Flow draws: places, selection and sizes. The document changes only when a gesture ends.
import { applyEdgeChanges, applyNodeChanges, type Edge, type EdgeChange, type Node, type NodeChange, Position } from "@xyflow/react";
import { createContext, useContext } from "react";
import { createStore, type StoreApi, useStore } from "zustand";

import { edgeKey, type FlowDocument, type Point } from "@/flow/document";
import { move } from "@/flow/edit";
import { type Lookup, places } from "@/flow/lookup";
import type { FlowStore } from "@/flow/store";

export type CardNode = Node<Record<string, never>, "step" | "note">;
export type CardEdge = Edge<Record<string, never>, "way">;

/** With more steps than this, only the cards in sight are drawn. */
export const MANY = 120;

/** What the picker is open for. */
export type Picking =
  | { for: "add"; at: Point; place: Point; from?: { node: string; port: string } }
  | { for: "find" | "commands" }
  | { for: "connect"; node: string; port?: string }
  | { for: "menu"; node: string; at: Point };

/** Stands for the whole flow where a step is meant to be brought into sight; no id holds a star. */
export const WHOLE = "*";

export type PanelTab = "configure" | "test";
export type Sheet = "publish" | "versions" | "shortcuts" | "languages" | null;

export interface ViewState {
  nodes: CardNode[];
  edges: CardEdge[];
  selected: readonly string[];
  selectedEdges: readonly string[];
  picking: Picking | null;
  /** The way out that was tapped: the next tap says where it leads. */
  linking: { node: string; port: string } | null;
  panel: PanelTab;
  sheet: Sheet;
  overlay: boolean;
  /** The language in which the flow is shown; null: its own. */
  language: string | null;
  /** A field of the selected node that wants the focus, as a pointer into its config; "" is the first. */
  field: string | null;
  /** The step that a test begins at; null begins where people do. */
  testFrom: string | null;
  /** The step that should be brought into sight, or the whole flow. */
  centre: string | null;
  changeNodes: (changes: NodeChange<CardNode>[]) => void;
  changeEdges: (changes: EdgeChange<CardEdge>[]) => void;
  select: (ids: readonly string[]) => void;
  set: (change: Partial<Pick<ViewState, "picking" | "linking" | "panel" | "sheet" | "field" | "overlay" | "language" | "testFrom" | "centre">>) => void;
}

export type ViewStore = StoreApi<ViewState>;

/** The view of a flow; it follows the flow's store. `stop` ends that. */
export function createView(flow: FlowStore): { view: ViewStore; stop: () => void } {
  const first = flow.getState();
  const view = createStore<ViewState>()((set, get) => ({
    nodes: drawnNodes([], first.document, places(first.document, first.lookup), first.lookup),
    edges: drawnEdges([], first.document),
    selected: [],
    selectedEdges: [],
    picking: null,
    linking: null,
    panel: "configure",
    sheet: null,
    overlay: false,
    language: null,
    field: null,
    testFrom: null,
    centre: null,
    changeNodes(changes) {
      const measured = new Set(changes.flatMap((change) => (change.type === "dimensions" ? [change.id] : [])));
      const nodes = applyNodeChanges(changes, get().nodes).map((node) => (node.handles && measured.has(node.id) ? { ...node, handles: undefined } : node));
      const selected = changes.some((change) => change.type === "select" || change.type === "remove") ? chosen(nodes, get().selected) : get().selected;
      set({ nodes, selected });
      const moved = changes.filter((change) => change.type === "position" && change.dragging === false && change.position);
      if (moved.length) commit(flow, nodes, new Set(moved.map((change) => ("id" in change ? change.id : ""))));
    },
    changeEdges(changes) {
      const edges = applyEdgeChanges(changes, get().edges);
      set({ edges, selectedEdges: chosen(edges, get().selectedEdges) });
    },
    select(ids) {
      const wanted = new Set(ids);
      const nodes = get().nodes.map((node) => (Boolean(node.selected) === wanted.has(node.id) ? node : { ...node, selected: wanted.has(node.id) }));
      const edges = get().edges.map((edge) => (edge.selected ? { ...edge, selected: false } : edge));
      set({ nodes, edges, selected: [...ids], selectedEdges: [] });
    },
    set,
  }));
  const stop = flow.subscribe((state, before) => {
    if (state.document === before.document) return;
    const { nodes, edges, selected } = view.getState();
    const drawn = drawnNodes(nodes, state.document, places(state.document, state.lookup), state.lookup);
    view.setState({ nodes: drawn, edges: drawnEdges(edges, state.document), selected: chosen(drawn, selected) });
  });
  return { view, stop };
}

function commit(flow: FlowStore, nodes: readonly CardNode[], ids: ReadonlySet<string>): void {
  const to = Object.fromEntries(nodes.filter((node) => ids.has(node.id)).map(({ id, position }) => [id, { x: Math.round(position.x), y: Math.round(position.y) }]));
  flow.getState().edit((document) => move(document, to), `move ${[...ids].join(" ")}`);
}

/** The ids of what is selected; the very same list while nothing changes. */
function chosen(all: readonly { id: string; selected?: boolean }[], before: readonly string[]): readonly string[] {
  const now = all.filter((each) => each.selected).map((each) => each.id);
  return now.length === before.length && now.every((id, index) => id === before[index]) ? before : now;
}

function drawnNodes(drawn: readonly CardNode[], document: FlowDocument, at: Record<string, Point>, found: Lookup): CardNode[] {
  const known = new Map(drawn.map((node) => [node.id, node]));
  const made = (id: string, type: "step" | "note", position: Point, more: Partial<CardNode> = {}): CardNode => {
    const before = known.get(id);
    if (!before) return { id, type, position, data: {}, ...more, ...(type === "step" && document.nodes.length > MANY && guessed(id, found)) };
    if (before.position.x === position.x && before.position.y === position.y && before.width === more.width && before.height === more.height) return before;
    return { ...before, position, ...more };
  };
  const notes = (document.notes ?? []).map(({ id, x, y, width, height }) => made(id, "note", { x, y }, { width, height, zIndex: -1 }));
  return [...notes, ...document.nodes.map(({ id }) => made(id, "step", at[id] ?? { x: 0, y: 0 }))];
}

const WIDTH = 248;
const [HEAD, ROW] = [170.5, 25];

/** Size and handles of a card as they are likely, until it comes into sight and is measured: drawing all to measure them takes long. */
function guessed(id: string, found: Lookup): Partial<CardNode> {
  const out = found.out.get(id) ?? [];
  const source = out.map(({ port }, row) => ({ id: port, type: "source" as const, position: Position.Right, x: WIDTH, y: HEAD + ROW * (row - 0.5) }));
  return {
    measured: { width: WIDTH, height: HEAD + ROW * Math.max(1, out.length) },
    handles: [{ id: "in", type: "target", position: Position.Left, x: 0, y: ROW }, ...source],
  };
}

function drawnEdges(drawn: readonly CardEdge[], document: FlowDocument): CardEdge[] {
  const known = new Map(drawn.map((edge) => [edge.id, edge]));
  return document.edges.map((edge) => {
    const id = edgeKey(edge);
    const before = known.get(id);
    if (before && before.target === edge.to) return before;
    return { id, type: "way", source: edge.from, sourceHandle: edge.port, target: edge.to, targetHandle: "in", data: {}, selected: before?.selected };
  });
}

const Context = createContext<ViewStore | null>(null);
export const ViewProvider = Context.Provider;

export function useViewStore(): ViewStore {
  const view = useContext(Context);
  if (!view) throw new Error("There is no canvas around this component.");
  return view;
}

/** Reads the view; the component draws again only when what it selects changes. */
export function useView<T>(select: (state: ViewState) => T): T {
  return useStore(useViewStore(), select);
}
