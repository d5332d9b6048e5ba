// A simulated conversation: what happened so far, put together from the frames that the server sends.
import { create } from "zustand";

import { ask, type Model } from "@/api/client";
import { ApiError, sentence } from "@/api/error";
import type { Config, FlowDocument } from "@/flow/document";
import type { EdgePaint, NodePaint, Paint } from "@/flow/store";

export type Frame = Model<"Simulation">;
export type Said = Frame["messages"][number];
export type Called = Frame["calls"][number];
export type Emitted = Frame["emitted"][number];
export type Notified = Frame["notified"][number];
export type Visit = Frame["path"][number];
export type Act = Record<string, unknown>;

export interface Done {
  act: Act;
  /** The bot's texts that came of it, and what others were told. */
  told: readonly string[];
  emitted: readonly Emitted[];
  notified: readonly Notified[];
}

export interface Setting {
  channel: string;
  persona: string;
  agents: "online" | "busy" | "offline";
  /** What the persona speaks here; null: their own language. */
  language: string | null;
  /** The hours that are open or closed whatever the clock says, by their key. */
  hours: Readonly<Record<string, Open>>;
}

export type Open = "open" | "closed";

interface SimulationState {
  frame: Frame | null;
  said: readonly Said[];
  /** What the flow had called. */
  called: readonly Called[];
  /** What webhooks, teams and other people would have been told. */
  told: readonly (Emitted | Notified)[];
  path: readonly Visit[];
  /** What was done, and what was said to it. */
  acts: readonly Done[];
  /** How it began. */
  first: Frame | null;
  setting: Setting;
  busy: boolean;
  trouble: string;
  /** The document that is tried; the flow may have changed since. */
  document: FlowDocument | null;
  begin: (flow: string, document: FlowDocument, from?: string | null) => Promise<void>;
  act: (act: Act) => Promise<void>;
  undo: () => Promise<void>;
  set: (setting: Partial<Setting>) => void;
}

const GONE = 404;
const EMPTY = { frame: null, said: [], called: [], told: [], path: [], acts: [], first: null, trouble: "", document: null } as const;

/** The simulation of the test panel; one at a time. */
export const useSimulation = create<SimulationState>()((set, get) => {
  const take = (frame: Frame, acts: readonly Done[]) =>
    set((before) => ({
      frame,
      acts,
      said: frame.whole ? frame.messages : together(before.said, frame.messages),
      called: frame.whole ? frame.calls : together(before.called, frame.calls),
      told: [...(frame.whole ? [] : before.told), ...frame.emitted, ...frame.notified],
      path: frame.whole ? frame.path : [...before.path, ...frame.path],
    }));
  const during = async (work: () => Promise<void>) => {
    set({ busy: true, trouble: "" });
    try {
      await work();
    } catch (trouble) {
      const gone = trouble instanceof ApiError && trouble.status === GONE;
      set(gone ? { ...EMPTY, trouble: "This test was closed after a while. Start again." } : { trouble: said(trouble) });
    } finally {
      set({ busy: false });
    }
  };
  const place = () => `/v1/simulations/${get().frame?.id ?? ""}`;
  return {
    ...EMPTY,
    setting: { channel: "webchat", persona: "new", agents: "online", language: null, hours: {} },
    busy: false,
    begin: (flow, document, from) =>
      during(async () => {
        if (get().frame && get().frame?.flow_id !== flow) get().set({ hours: {} });
        const { channel, persona, agents, language, hours } = get().setting;
        const start: Config | undefined = from ? { node: from } : undefined;
        const { data } = await ask<Frame>("POST", "/v1/simulations", { flow_id: flow, document, channel, persona, agents, hours, ...(language && { contact: { language } }), ...(start && { start }) });
        set({ ...EMPTY, document, first: data });
        take(data, start ? [done({ start }, data)] : []);
      }),
    act: (act) =>
      during(async () => {
        const { data } = await ask<Frame>("POST", `${place()}/events`, act);
        take(data, [...get().acts, done(act, data)]);
      }),
    undo: () =>
      during(async () => {
        const { data } = await ask<Frame>("POST", `${place()}/undo`, { steps: 1 });
        take(data, get().acts.slice(0, -1));
      }),
    set: (setting) => set((before) => ({ setting: { ...before.setting, ...setting } })),
  };
});

function said(trouble: unknown): string {
  if (trouble instanceof ApiError && trouble.details[0]) return `${trouble.message} ${trouble.details[0].message}`;
  return sentence(trouble);
}

/** What comes again has another status now; it keeps its place. */
function together<T extends { id: string }>(before: readonly T[], fresh: readonly T[]): readonly T[] {
  const known = new Map(before.map((each) => [each.id, each]));
  for (const each of fresh) known.set(each.id, each);
  return [...known.values()];
}

/** The way so far, as it is painted on the canvas. */
export function painted(frame: Frame | null, path: readonly Visit[]): Paint | null {
  if (!path.length) return null;
  const own = path.filter((each) => !each.flow);
  const nodes = new Map<string, NodePaint>(own.map(({ node }) => [node, { tone: "path" }]));
  const edges = new Map<string, EdgePaint>(own.filter((each) => each.port).map(({ node, port }) => [`${node}/${port}`, { tone: "path" }]));
  const here = frame?.run?.node ?? undefined;
  if (here !== undefined) nodes.set(here, { tone: "here" });
  return { nodes, edges };
}

const done = (act: Act, { messages, emitted, notified }: Frame): Done => ({
  act,
  emitted,
  notified,
  told: messages.filter((each) => each.voice !== "contact").map(({ content }) => String(content.text ?? content.title ?? content.caption ?? "")),
});

const ALWAYS = [{ days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "24:00" }];

/** The conversation as a scenario for `postdog test`, in YAML (of which JSON is a part). */
export function scenario(name: string, first: Frame, acts: readonly Done[]): string {
  const steps = acts.flatMap(({ act, told, emitted, notified }) => [
    act,
    ...(told.length ? [{ expect: told }] : []),
    ...(emitted.length ? [{ emitted: emitted.map(({ event, data }) => ({ event, data })) }] : []),
    ...(notified.length ? [{ notified: notified.map(({ text, team, address }) => (address ? { text, address } : { text, team })) }] : []),
  ]);
  const { name: called, language, timezone, tags, phone } = first.contact ?? {};
  const known = Object.entries({ name: called, phone: phone ?? "", language, timezone, tags: tags?.length ? tags : null });
  const contact = Object.fromEntries(known.filter(([, value]) => value !== null && value !== undefined));
  const hours = Object.fromEntries(first.hours.flatMap(({ key, said }) => (said ? [[key, { weekly: said === "open" ? ALWAYS : [] }]] : [])));
  const head = { name, channel: first.channel, at: first.now, contact, ...(Object.keys(hours).length && { hours }) };
  const lines = Object.entries(head).map(([key, value], index) => `${index ? "   " : "  -"} ${key}: ${JSON.stringify(value)}`);
  return ["scenarios:", ...lines, "    steps:", ...steps.map((step) => `      - ${JSON.stringify(step)}`), ""].join("\n");
}
