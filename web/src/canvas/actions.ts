// What people do on the canvas, by mouse or by keyboard: each is one step to undo.
import type { XYPosition } from "@xyflow/react";

import { type Config, freshId, type Json } from "@/flow/document";
import { addNode, connect, insert, move, putNote, remove, disconnect } from "@/flow/edit";
import { clip, paste } from "@/flow/clipboard";
import { readClip } from "@/flow/foreign";
import { places } from "@/flow/lookup";
import type { FlowStore } from "@/flow/store";

import { freePort } from "./ports";
import { type ViewStore, WHOLE } from "./view";

export const CARD_WIDTH = 248;
const GAP = 90;
const NEW_NOTE = { width: 220, height: 120, colour: "yellow", text: "" };
const SHIFT = 40;

const FRAMES = 30;

/** Gives a card the focus as soon as it is drawn: a new one stays hidden until it was measured. */
function focusCard(id: string, frames = FRAMES): void {
  const card = document.querySelector<HTMLElement>(`.react-flow__node[data-id="${id}"]`);
  card?.focus({ preventScroll: true });
  if (document.activeElement !== card && frames > 0) requestAnimationFrame(() => focusCard(id, frames - 1));
}

/** The actions over a flow and its view. */
export function actionsOf(flow: FlowStore, view: ViewStore) {
  const taken = (id: string) => flow.getState().lookup.node.has(id);

  /** Adds a step: on an edge, after a way out, or by itself. */
  function add(type: string, place: XYPosition, from?: { node: string; port: string }, edge?: string): string {
    const state = flow.getState();
    const id = freshId(type, taken);
    const found = state.types.get(type);
    const config = structuredClone(found?.starter ?? {}) as Config;
    const first = (found?.starter_ports ?? []).find((port) => port.kind !== "error")?.id;
    const wired = from && state.lookup.edge.has(`${from.node}/${from.port}`);
    state.edit((document) => {
      const added = addNode(document, { id, type, config }, { x: Math.round(place.x), y: Math.round(place.y) });
      const on = edge ?? (wired ? `${from.node}/${from.port}` : undefined);
      if (on) return insert(added, on, id, first);
      return from && !found?.starts ? connect(added, { from: from.node, port: from.port, to: id }) : added;
    });
    focusNode(id);
    return id;
  }

  /** Selects a step, opens its form, and gives its card the focus. */
  function focusNode(id: string, field: string | null = null): void {
    view.getState().select([id]);
    view.getState().set({ panel: "configure", field });
    if (field === null) focusCard(id);
  }

  /** Brings a step's card into sight and marks it, and leaves the panel as it is. */
  function show(id: string): void {
    view.getState().select([id]);
    view.getState().set({ centre: id });
  }

  /** Right of a step, below what it already leads to. */
  function after(id: string): XYPosition {
    const { document, lookup } = flow.getState();
    const at = places(document, lookup);
    const own = at[id] ?? { x: 0, y: 0 };
    const below = (lookup.out.get(id) ?? []).map((edge) => at[edge.to]?.y ?? 0);
    return { x: own.x + CARD_WIDTH + GAP, y: below.length ? Math.max(...below) + 200 : own.y };
  }

  function removeSelected(): void {
    const { selected, selectedEdges } = view.getState();
    const nodes = new Set(selected);
    flow.getState().edit((document) => remove(disconnect(document, new Set(selectedEdges)), nodes));
  }

  function copied(): string {
    const { document, lookup } = flow.getState();
    return JSON.stringify(clip({ ...document, layout: places(document, lookup) }, new Set(view.getState().selected)), null, 2);
  }

  /** Pastes what was copied here or in another flow; says whether the text was that. */
  function pasteText(text: string, place?: XYPosition): boolean {
    const found = readClip(text);
    if (!found || !(found.nodes.length + found.notes.length)) return false;
    const corner = [...Object.values(found.layout), ...found.notes];
    const at = place ?? { x: Math.min(...corner.map((each) => each.x)) + SHIFT, y: Math.min(...corner.map((each) => each.y)) + SHIFT };
    let ids: string[] = [];
    flow.getState().edit((document) => {
      const pasted = paste(document, found, at);
      ids = pasted.ids;
      return pasted.document;
    });
    view.getState().select(ids);
    return true;
  }

  return {
    add,
    after,
    focusNode,
    show,
    removeSelected,
    copied,
    pasteText,
    freePort: (id: string) => freePort(flow.getState(), id),
    duplicate: () => pasteText(copied()),
    connect: (from: string, port: string, to: string) => from !== to && flow.getState().edit((document) => connect(document, { from, port, to })),
    selectAll: () => view.getState().select(view.getState().nodes.map((node) => node.id)),
    addNote(place: XYPosition): void {
      const id = freshId("note", (each) => flow.getState().document.notes?.some((note) => note.id === each) ?? false);
      flow.getState().edit((document) => putNote(document, { id, ...NEW_NOTE, x: Math.round(place.x), y: Math.round(place.y) }));
      view.getState().select([id]);
    },
    async tidy(): Promise<void> {
      const { tidy } = await import("./tidy");
      const to = await tidy(flow.getState(), view.getState().nodes);
      flow.getState().edit((document) => move(document, to));
      view.getState().set({ centre: WHOLE });
    },
    setConfig: (id: string, config: Config, key: string) =>
      flow.getState().edit((document) => ({ ...document, nodes: document.nodes.map((node) => (node.id === id ? { ...node, config } : node)) }), `config ${id} ${key}`),
    setSetting: (name: string, value: Json) => flow.getState().edit((document) => ({ ...document, settings: { ...document.settings, [name]: value } }), `setting ${name}`),
  };
}

export type Actions = ReturnType<typeof actionsOf>;
