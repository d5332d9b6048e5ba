// What the server says about flows, in the words of its OpenAPI document.
import { queryOptions } from "@tanstack/react-query";

import { type FlowDocument, whole } from "@/flow/document";
import type { Schema } from "@/form/schema";

import { ask, type Model } from "./client";

export type Finding = Model<"Finding">;
export type PortShown = Model<"PortShown">;
export type FlowSummary = Model<"FlowSummary">;

/** A kind of node; everything that the browser knows of it. */
export interface NodeType extends Omit<Model<"NodeTypeShown">, "config_schema" | "starter"> {
  config_schema: Schema;
  starter: Record<string, never>;
}

export interface LoadedFlow {
  flow: FlowSummary & { document: FlowDocument };
  etag: string;
}

export const flowPath = (id: string) => `/v1/flows/${encodeURIComponent(id)}`;

export async function loadFlow(id: string): Promise<LoadedFlow> {
  const { data, etag } = await ask<LoadedFlow["flow"]>("GET", flowPath(id));
  return { flow: { ...data, document: whole(data.document) }, etag };
}

/** Names this tab, so that it knows its own changes when it is told of them. */
export const TAB = Math.random().toString(36).slice(2);

export async function saveFlow(id: string, document: FlowDocument, etag: string): Promise<string> {
  return (await ask("PUT", flowPath(id), { document }, { "If-Match": etag, "X-Client": TAB })).etag;
}

export interface Validation {
  valid: boolean;
  problems: Finding[];
  ports: Record<string, PortShown[]>;
  limits: Record<string, Record<string, number>>;
  texts: Record<string, Model<"TextShown">[]>;
}

export async function checkFlow(id: string, document: FlowDocument): Promise<Validation> {
  return (await ask<Validation>("POST", `${flowPath(id)}/validate`, { document })).data;
}

export const nodeTypes = queryOptions({
  queryKey: ["node-types"],
  queryFn: async () => {
    const { data } = await ask<{ data: NodeType[] }>("GET", "/v1/node-types");
    return new Map(data.data.map((type) => [type.type, type]));
  },
  staleTime: Infinity,
});

const early = new Map<string, Promise<LoadedFlow>>();

/** Asks for a flow before anybody opens it, while the page's code is still on its way. */
export function fetchEarly(id: string): void {
  const asked = loadFlow(id);
  asked.catch(() => undefined);
  early.set(id, asked);
}

/** A flow to be opened: read once, then it lives in its own store. */
export const openedFlow = (id: string) =>
  queryOptions({
    queryKey: ["flow", id],
    queryFn: () => {
      const asked = early.get(id);
      early.delete(id);
      return asked ?? loadFlow(id);
    },
    gcTime: 0,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    retry: false,
  });
