// One store for the flow that is open: the document, what was done to it, what the server says of it.
import { createStore, type StoreApi, useStore } from "zustand";
import { createContext, useContext } from "react";

import type { Finding, NodeType, PortShown } from "@/api/flow";

import { type FlowDocument, SCHEMA } from "./document";
import { type Lookup, lookup } from "./lookup";
import { apply, type Clash, difference, inverse, type Operation } from "./operation";
import type { Text } from "./translation";

const UNDO_STEPS = 300;

/** `offline`: nobody answers; `waiting`: the server can't take it now; both are tried again. `refused`: it won't take it. `gone`: the flow isn't there any more. */
export type Saving = "saved" | "dirty" | "saving" | "offline" | "waiting" | "refused" | "gone";

/** What the server found in the document as it was checked last. */
export interface Checked {
  problems: readonly Finding[];
  byNode: ReadonlyMap<string, readonly Finding[]>;
  ports: Readonly<Record<string, readonly PortShown[]>>;
  /** How many characters the flow's channels show of a node's texts, by pointers into its config. */
  limits: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What is translated, by node, and under "" of the flow itself. */
  texts: Readonly<Record<string, readonly Text[]>>;
}

/** What is painted over the canvas: a test's path or what happened live. */
export interface Paint {
  nodes: ReadonlyMap<string, NodePaint>;
  edges: ReadonlyMap<string, EdgePaint>;
}

export interface NodePaint {
  tone: "path" | "here" | "covered" | "missed" | "live";
  reached?: number;
  waiting?: number;
  left?: number;
}

export interface EdgePaint {
  tone: "path" | "covered" | "missed" | "live";
  share?: number;
  count?: number;
}

export interface FlowState {
  id: string;
  types: ReadonlyMap<string, NodeType>;
  readOnly: boolean;
  document: FlowDocument;
  lookup: Lookup;
  past: readonly Operation[];
  future: readonly Operation[];
  /** Equal keys join into one undo step, such as typing into one field. */
  lastKey: string;
  saved: FlowDocument;
  etag: string;
  saving: Saving;
  trouble: string;
  clashes: readonly Clash[];
  checked: Checked;
  paint: Paint | null;
  edit: (change: (document: FlowDocument) => FlowDocument, key?: string) => void;
  undo: () => void;
  redo: () => void;
  /** Takes over what somebody else saved; it is no step of ours. */
  rebase: (document: FlowDocument, saved: FlowDocument, etag: string, clashes: readonly Clash[]) => void;
  set: (change: Partial<Pick<FlowState, "saved" | "etag" | "saving" | "trouble" | "clashes" | "checked" | "paint" | "readOnly">>) => void;
}

export type FlowStore = StoreApi<FlowState>;

export const UNCHECKED: Checked = { problems: [], byNode: new Map(), ports: {}, limits: {}, texts: {} };

export function createFlowStore(id: string, document: FlowDocument, etag: string, types: ReadonlyMap<string, NodeType>, locked = false): FlowStore {
  const readOnly = locked || document.schema > SCHEMA;
  return createStore<FlowState>()((set, get) => {
    const show = (next: FlowDocument) => ({ document: next, lookup: lookup(next), saving: next === get().saved ? ("saved" as const) : ("dirty" as const) });
    return {
      id,
      types,
      readOnly,
      document,
      lookup: lookup(document),
      past: [],
      future: [],
      lastKey: "",
      saved: document,
      etag,
      saving: "saved",
      trouble: "",
      clashes: [],
      checked: UNCHECKED,
      paint: null,
      edit(change, key = "") {
        const { document: before, past, lastKey } = get();
        const after = get().readOnly ? before : change(before);
        const step = difference(before, after);
        if (!step.length) return;
        const joined = key && key === lastKey && past.length;
        const kept = joined ? [...past.slice(0, -1), difference(apply(before, inverse(past.at(-1) ?? [])), after)] : [...past, step];
        set({ ...show(after), past: kept.slice(-UNDO_STEPS), future: [], lastKey: key });
      },
      undo() {
        const { document: before, past, future } = get();
        const step = past.at(-1);
        if (step) set({ ...show(apply(before, inverse(step))), past: past.slice(0, -1), future: [...future, step], lastKey: "" });
      },
      redo() {
        const { document: before, past, future } = get();
        const step = future.at(-1);
        if (step) set({ ...show(apply(before, step)), past: [...past, step], future: future.slice(0, -1), lastKey: "" });
      },
      rebase(next, saved, fresh, clashes) {
        set({ ...show(next), saved, etag: fresh, saving: next === saved ? "saved" : "dirty", clashes, lastKey: "" });
      },
      set,
    };
  });
}

const Context = createContext<FlowStore | null>(null);
export const FlowProvider = Context.Provider;

export function useFlowStore(): FlowStore {
  const store = useContext(Context);
  if (!store) throw new Error("There is no flow around this component.");
  return store;
}

/** Reads the open flow; the component draws again only when what it selects changes. */
export function useFlow<T>(select: (state: FlowState) => T): T {
  return useStore(useFlowStore(), select);
}
