// The flow document as the server keeps it (schemas/flow.py). Values are never changed, only replaced.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Config = Record<string, Json>;

export interface FlowNode {
  id: string;
  type: string;
  label?: string;
  config?: Config;
}

export interface FlowEdge {
  from: string;
  port: string;
  to: string;
}

export interface Point {
  x: number;
  y: number;
}

/** A sticky note on the canvas; it does nothing. */
export interface Note extends Point {
  id: string;
  text: string;
  width: number;
  height: number;
  colour: string;
}

export interface Variable {
  name: string;
  type?: string;
  default?: Json;
  input?: boolean;
  output?: boolean;
}

/** A text in another language, with the text that it was made from. */
export interface Translation {
  text: string;
  source: string;
}

/** Of each language by its tag, the translations by place: /nodes/ID/config/… or /settings/…. */
export type Translations = Record<string, Record<string, Translation>>;

export interface FlowDocument {
  schema: number;
  name: string;
  nodes: FlowNode[];
  edges: FlowEdge[];
  variables?: Variable[];
  settings?: Record<string, Json>;
  language?: string | null;
  translations?: Translations;
  layout?: Record<string, Point>;
  notes?: Note[];
}

/** The newest kind of document that this page can change. */
export const SCHEMA = 1;

/** A document as the server keeps it, where lists may be left out. */
export const whole = (document: FlowDocument): FlowDocument => ({ ...document, nodes: document.nodes ?? [], edges: document.edges ?? [] });

/** What names an edge: a way out leads to one place only. */
export const edgeKey = (edge: Pick<FlowEdge, "from" | "port">): string => `${edge.from}/${edge.port}`;

/** An id that no other node of the flow has; `random` gives numbers from 0 to 1. */
export function freshId(type: string, taken: (id: string) => boolean, random: () => number = Math.random): string {
  const stem = type.replace(/[^A-Za-z0-9]+/g, "_").slice(0, 40);
  for (;;) {
    const id = `${stem}_${Math.floor(random() * 36 ** 4).toString(36).padStart(4, "0")}`;
    if (!taken(id)) return id;
  }
}

/** Whether a JSON value is an object with keys. */
export function isObject(value: unknown): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether two JSON values say the same, whatever the order of keys. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => key in right && same(left[key], right[key]));
}
