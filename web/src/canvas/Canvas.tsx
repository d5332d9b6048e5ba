import "@xyflow/react/dist/base.css";

import { useComputedColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { Background, BackgroundVariant, type Connection, ConnectionLineType, ConnectionMode, type Edge, type FinalConnectionState, MiniMap, ReactFlow, type ReactFlowInstance, SelectionMode, useReactFlow, useStore } from "@xyflow/react";
import { useCallback, useEffect, useMemo } from "react";

import { connect, insert, reconnect } from "@/flow/edit";
import { useFlow, useFlowStore } from "@/flow/store";

import type { Actions } from "./actions";
import styles from "./Canvas.module.css";
import { Controls } from "./Controls";
import { FAR_ZOOM, FarProvider, SMALL_ZOOM } from "./far";
import { Linking } from "./Linking";
import { NodeCard } from "./NodeCard";
import { NoteCard } from "./NoteCard";
import { knownPorts } from "./ports";
import { useAboveTheSheet, useHold } from "./touch";
import { type CardEdge, type CardNode, MANY, useView, useViewStore, WHOLE } from "./view";
import { Way } from "./Way";

const NODE_TYPES = { step: NodeCard, note: NoteCard };
const EDGE_TYPES = { way: Way };
const SNAP: [number, number] = [4, 4];
const MIDDLE_OR_RIGHT = [1, 2];
const READABLE = 0.7;
const MARGIN = 48;
const MAP = { width: 168, height: 108 };

/** Where the flow is drawn. */
export function Canvas({ actions }: { actions: Actions }) {
  const nodes = useView((view) => view.nodes);
  const edges = useView((view) => view.edges);
  const many = useFlow((state) => state.document.nodes.length > MANY);
  const readOnly = useFlow((state) => state.readOnly);
  const touch = useMediaQuery("(pointer: coarse)") ?? false;
  const dark = useComputedColorScheme("light") === "dark";
  const far = useStore((state) => state.transform[2] < FAR_ZOOM) && many;
  const small = useStore((state) => state.transform[2] < SMALL_ZOOM);
  const gestures = useGestures(actions);
  const hold = useHold(gestures.openMenu);
  const { changeNodes, changeEdges } = useViewStore().getState();
  useCentre();
  useAboveTheSheet();
  return (
    <div className={styles.canvas} data-far={far || undefined} data-small={small || undefined} {...hold}>
      <FarProvider value={far}>
        <ReactFlow<CardNode, CardEdge>
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          onNodesChange={changeNodes}
          onEdgesChange={changeEdges}
          {...gestures.props}
          colorMode={dark ? "dark" : "light"}
          connectionMode={ConnectionMode.Strict}
          connectionLineType={ConnectionLineType.Bezier}
          connectionRadius={36}
          connectionDragThreshold={4}
          nodesConnectable={!readOnly}
          nodesDraggable={!readOnly}
          edgesReconnectable={!readOnly}
          deleteKeyCode={null}
          selectionMode={SelectionMode.Partial}
          selectionOnDrag={!touch}
          selectNodesOnDrag={!touch}
          connectOnClick={false}
          panOnDrag={touch || MIDDLE_OR_RIGHT}
          panActivationKeyCode="Space"
          panOnScroll
          multiSelectionKeyCode={["Shift", "Meta", "Control"]}
          snapToGrid
          snapGrid={SNAP}
          minZoom={0.05}
          maxZoom={1.75}
          onlyRenderVisibleElements={many}
          elevateNodesOnSelect
          onInit={begin}
          proOptions={{ hideAttribution: true }}
          aria-label="Flow"
        >
          <Background variant={BackgroundVariant.Dots} gap={20} size={1.6} color="var(--dots)" bgColor="var(--canvas)" />
          {!far && <MiniMap pannable zoomable className={styles.map} style={MAP} nodeBorderRadius={14} ariaLabel="Map of the flow" />}
          <Controls />
          <Linking />
        </ReactFlow>
      </FarProvider>
    </div>
  );
}

/** How far down the first step stands at most, of the window's height, where only the beginning of a flow is shown. */
const BEGIN_AT = 0.3;

/** Shows the whole flow where that can be read, else its first step and what is around it. */
function begin({ fitView, getZoom, getNodes, setViewport }: ReactFlowInstance<CardNode, CardEdge>): void {
  if (!getNodes().length) return;
  void fitView({ padding: 0.12, maxZoom: 1 }).then(() => {
    if (getZoom() >= READABLE) return;
    const nodes = getNodes();
    const steps = nodes.filter((node) => node.type === "step");
    const { position: first } = (steps.length ? steps : nodes).reduce((one, other) => (other.position.x < one.position.x ? other : one));
    const top = Math.min(...nodes.map((node) => node.position.y));
    const y = Math.min(MARGIN + (first.y - top) * READABLE, window.innerHeight * BEGIN_AT);
    void setViewport({ x: MARGIN - first.x * READABLE, y: y - first.y * READABLE, zoom: READABLE });
  });
}

/** Brings into sight what somebody asked for. */
function useCentre(): void {
  const view = useViewStore();
  const centre = useView((state) => state.centre);
  const { fitView } = useReactFlow();
  useEffect(() => {
    if (centre === null) return;
    view.getState().set({ centre: null });
    const what = centre === WHOLE ? { padding: 0.12 } : { nodes: [{ id: centre }], padding: 0.4 };
    requestAnimationFrame(() => void fitView({ ...what, duration: 220, maxZoom: 1 }));
  }, [centre, fitView, view]);
}

/** Connecting, reconnecting and dropping, as changes of the document. */
function useGestures(actions: Actions) {
  const flow = useFlowStore();
  const view = useViewStore();
  const { screenToFlowPosition } = useReactFlow();

  const onConnect = useCallback(
    ({ source, sourceHandle, target }: Connection) => flow.getState().edit((document) => connect(document, { from: source, port: sourceHandle ?? "next", to: target })),
    [flow],
  );

  const onReconnect = useCallback(
    (old: Edge, { source, sourceHandle, target }: Connection) =>
      flow.getState().edit((document) => reconnect(document, old.id, { from: source, port: sourceHandle ?? "next", to: target })),
    [flow],
  );

  // An edge let go over a card leads there; over the empty canvas the next step is chosen.
  const onConnectEnd = useCallback(
    (event: MouseEvent | TouchEvent, { isValid, fromHandle, fromNode }: FinalConnectionState) => {
      if (isValid || !fromNode || !fromHandle?.id || fromHandle.type !== "source") return;
      const at = "changedTouches" in event ? event.changedTouches[0]! : event;
      const point = { x: at.clientX, y: at.clientY };
      const under = document.elementFromPoint(point.x, point.y);
      const from = { node: fromNode.id, port: fromHandle.id };
      const card = under?.closest<HTMLElement>(".react-flow__node-step")?.dataset.id;
      if (card) return void (flow.getState().types.get(flow.getState().lookup.node.get(card)?.type ?? "")?.starts || actions.connect(from.node, from.port, card));
      if (!under?.closest(".react-flow__pane")) return;
      const place = screenToFlowPosition(point);
      view.getState().set({ picking: { for: "add", at: point, place: { x: place.x, y: place.y - 24 }, from } });
    },
    [actions, flow, screenToFlowPosition, view],
  );

  // A card without edges, put down on an edge, becomes a part of it.
  const onNodeDragStop = useCallback(
    (event: { clientX?: number; clientY?: number } | TouchEvent, _: unknown, dragged: CardNode[]) => {
      const [node] = dragged;
      const state = flow.getState();
      if (dragged.length !== 1 || node?.type !== "step" || !("clientX" in event) || event.clientX === undefined) return;
      if (state.lookup.out.has(node.id) || state.lookup.into.has(node.id)) return;
      const key = edgeAt(event.clientX, event.clientY ?? 0);
      const first = knownPorts(state, node.id).find((port) => port.kind !== "error")?.id;
      if (key) state.edit((document) => insert(document, key, node.id, first));
    },
    [flow],
  );

  const onNodeDoubleClick = useCallback(() => view.getState().set({ panel: "configure", field: "" }), [view]);

  const onDoubleClick = useCallback(
    (event: React.MouseEvent) => {
      if (!(event.target instanceof Element) || !event.target.closest(".react-flow__pane")) return;
      const at = { x: event.clientX, y: event.clientY };
      view.getState().set({ picking: { for: "add", at, place: screenToFlowPosition(at) } });
    },
    [screenToFlowPosition, view],
  );

  // After a tap on a way out: a tap on a card leads there, one on the empty canvas chooses the next step.
  const onNodeClick = useCallback(
    (_: unknown, node: CardNode) => {
      const { linking, select, set } = view.getState();
      if (!linking) return;
      set({ linking: null });
      select([]);
      const starts = flow.getState().types.get(flow.getState().lookup.node.get(node.id)?.type ?? "")?.starts;
      if (node.type === "step" && !starts) actions.connect(linking.node, linking.port, node.id);
    },
    [actions, flow, view],
  );
  const onPaneClick = useCallback(
    (event: React.MouseEvent) => {
      const { linking, set } = view.getState();
      if (!linking) return;
      const at = { x: event.clientX, y: event.clientY };
      const place = screenToFlowPosition(at);
      set({ linking: null, picking: { for: "add", at, place: { x: place.x, y: place.y - 24 }, from: linking } });
    },
    [screenToFlowPosition, view],
  );

  const openMenu = useCallback(
    (node: string, at: { x: number; y: number }) => {
      if (flow.getState().lookup.node.has(node)) view.getState().set({ picking: { for: "menu", node, at }, linking: null });
    },
    [flow, view],
  );
  const onNodeContextMenu = useCallback(
    (event: React.MouseEvent, node: CardNode) => {
      event.preventDefault();
      openMenu(node.id, { x: event.clientX, y: event.clientY });
    },
    [openMenu],
  );

  return useMemo(
    () => ({
      openMenu,
      props: { onConnect, onReconnect, onConnectEnd, onNodeDragStop, onDoubleClick, onNodeDoubleClick, onNodeClick, onPaneClick, onNodeContextMenu, isValidConnection, zoomOnDoubleClick: false },
    }),
    [openMenu, onConnect, onReconnect, onConnectEnd, onNodeDragStop, onDoubleClick, onNodeDoubleClick, onNodeClick, onPaneClick, onNodeContextMenu],
  );
}

const isValidConnection = ({ source, target }: Edge | Connection) => source !== target;

/** The edge under a point of the screen, even where a card or a ghost lies on it. */
export function edgeAt(x: number, y: number): string | undefined {
  const found = document.elementsFromPoint(x, y).find((element) => element.closest("[data-edge]"));
  return found?.closest<HTMLElement>("[data-edge]")?.dataset.edge;
}

