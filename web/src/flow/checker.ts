// Asks the server what it thinks of the document while it is drawn: its problems and every node's ways out.
import { checkFlow, type Finding, type PortShown, type Validation } from "@/api/flow";

import { type FlowDocument, same } from "./document";
import type { Checked, FlowState, FlowStore } from "./store";

const PAUSE_MS = 160;
const AGAIN_MS = 4_000;

/** Checks whenever the document changes, until it is stopped. An answer to an older document is dropped. */
export function checker(store: FlowStore): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const check = async () => {
    const { id, document, set } = store.getState();
    try {
      const answer = await checkFlow(id, document);
      if (stopped || store.getState().document !== document) return;
      set({ checked: checked(named(answer, store.getState()), document, store.getState().checked) });
    } catch {
      if (!stopped) timer = setTimeout(() => void check(), AGAIN_MS);
    }
  };
  const stopListening = store.subscribe((state, before) => {
    if (state.document === before.document) return;
    clearTimeout(timer);
    timer = setTimeout(() => void check(), PAUSE_MS);
  });
  void check();
  return () => {
    stopped = true;
    stopListening();
    clearTimeout(timer);
  };
}

/** Steps without a name are called by their kind, which people know, and not by their id. */
function named(answer: Validation, { lookup, types }: FlowState): Validation {
  const problems = answer.problems.map((finding) => {
    const message = finding.message.replace(/“([\w-]+)”/g, (said, id: string) => {
      const node = lookup.node.get(id);
      return node && !node.label ? `“${types.get(node.type)?.label ?? node.type}”` : said;
    });
    return message === finding.message ? finding : { ...finding, message };
  });
  return { ...answer, problems };
}

/** The node that a finding is about, undefined for the flow as a whole. */
export function nodeOf(finding: Finding, document: FlowDocument): string | undefined {
  const [, list, index, place] = finding.pointer.split("/");
  if (list === "translations") return /^~1nodes~1([\w-]+)~1/.exec(place ?? "")?.[1];
  if (list === "nodes") return document.nodes[Number(index)]?.id;
  if (list === "edges") return document.edges[Number(index)]?.from;
  return undefined;
}

/** The part of a finding's pointer below its node's config: /text, /buttons/0/title. */
export function fieldOf(finding: Finding): string {
  return /^\/nodes\/\d+\/config(.*)$/.exec(finding.pointer)?.[1] ?? "";
}

/** The answer by node. What says the same as before is the same value, so that cards don't draw again. */
export function checked(answer: Validation, document: FlowDocument, before: Checked): Checked {
  const byNode = new Map<string, Finding[]>();
  for (const finding of answer.problems) {
    const node = nodeOf(finding, document);
    if (node === undefined || finding.level === "info") continue;
    const list = byNode.get(node);
    if (list) list.push(finding);
    else byNode.set(node, [finding]);
  }
  const kept = new Map([...byNode].map(([id, list]) => [id, keepSame(before.byNode.get(id), list)]));
  const ports: Record<string, readonly PortShown[]> = {};
  for (const { id } of document.nodes) {
    const now = answer.ports[id];
    const known = now ? keepSame(before.ports[id], now) : before.ports[id];
    if (known) ports[id] = known;
  }
  const limits = Object.fromEntries(Object.entries(answer.limits).map(([id, found]) => [id, keepSame(before.limits[id], found)]));
  const texts = Object.fromEntries(Object.entries(answer.texts).map(([id, found]) => [id, keepSame(before.texts[id], found)]));
  return { problems: answer.problems, byNode: kept, ports, limits, texts: keepSame(before.texts, texts) };
}

function keepSame<T>(before: T | undefined, now: T): T {
  return before !== undefined && same(before, now) ? before : now;
}
