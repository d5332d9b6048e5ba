// Saves what was drawn shortly after it was drawn; what can't be saved waits here, and in the browser, until it can.
import { ApiError, sentence, Unreachable } from "@/api/error";
import { loadFlow, saveFlow } from "@/api/flow";

import type { FlowDocument } from "./document";
import { difference, merge } from "./operation";
import type { FlowStore, Saving } from "./store";

const PAUSE_MS = 700;
const RETRY_MS = 3_000;
const CHANGED_ELSEWHERE = 412;
const GONE = 404;

interface Kept {
  etag: string;
  saved: FlowDocument;
  document: FlowDocument;
}

const keptKey = (id: string) => `postdog.unsaved.${id}`;

/** What a closed window left behind, null for nothing or something broken. */
export function kept(id: string): Kept | null {
  try {
    const found = JSON.parse(localStorage.getItem(keptKey(id)) ?? "null") as Kept | null;
    return found && Array.isArray(found.document?.nodes) && Array.isArray(found.saved?.nodes) ? found : null;
  } catch {
    return null;
  }
}

/** Gives up what a closed window left behind. */
export function forget(id: string): void {
  localStorage.removeItem(keptKey(id));
}

function keep(store: FlowStore): void {
  const { id, etag, saved, document } = store.getState();
  try {
    localStorage.setItem(keptKey(id), JSON.stringify({ etag, saved, document } satisfies Kept));
  } catch {
    // A full or forbidden storage: the page itself still holds the work.
  }
}

/** Saves whenever the document changes, until it is stopped. */
export function autosave(store: FlowStore): { stop: () => void; now: () => Promise<void> } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let busy: Promise<void> | undefined;

  const later = (wait: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void now(), wait);
  };
  const now = (): Promise<void> => {
    clearTimeout(timer);
    busy ??= save(store).finally(() => {
      busy = undefined;
      const { saving } = store.getState();
      if (saving === "offline" || saving === "waiting") later(RETRY_MS);
      else if (saving === "dirty") later(PAUSE_MS);
    });
    return busy;
  };
  const stopListening = store.subscribe((state, before) => {
    if (state.document !== before.document && state.document !== state.saved) later(PAUSE_MS);
  });
  const online = () => store.getState().saving === "offline" && later(0);
  const leaving = (event: BeforeUnloadEvent) => {
    if (store.getState().saving === "saved") return;
    keep(store);
    event.preventDefault();
  };
  window.addEventListener("online", online);
  window.addEventListener("beforeunload", leaving);
  return {
    now,
    stop() {
      stopListening();
      window.removeEventListener("online", online);
      window.removeEventListener("beforeunload", leaving);
      clearTimeout(timer);
      if (store.getState().saving !== "saved") void save(store);
    },
  };
}

async function save(store: FlowStore): Promise<void> {
  const { id, document, saved, etag, set, readOnly } = store.getState();
  if (readOnly || document === saved) return;
  set({ saving: "saving" });
  try {
    const fresh = await saveFlow(id, document, etag);
    const unchanged = store.getState().document === document;
    set({ saved: document, etag: fresh, saving: unchanged ? "saved" : "dirty", trouble: "" });
    forget(id);
  } catch (trouble) {
    if (trouble instanceof ApiError && trouble.status === CHANGED_ELSEWHERE) return join(store);
    keep(store);
    set({ saving: stateAfter(trouble), trouble: whyRefused(trouble) });
  }
}

const PARTS: Record<string, string> = { name: "The name", nodes: "Steps", edges: "Edges", notes: "Notes", variables: "Variables", settings: "The flow’s settings", layout: "Places", translations: "Translations" };

/** What the server refused, by the name that people know the part by. */
export function whyRefused(trouble: unknown): string {
  const [detail] = trouble instanceof ApiError ? trouble.details : [];
  const part = PARTS[detail?.field?.split(/[./]/).find((each) => each && each !== "document") ?? ""];
  return detail && part ? `${part}: ${detail.message.charAt(0).toLowerCase()}${detail.message.slice(1)}` : sentence(trouble);
}

function stateAfter(trouble: unknown): Saving {
  if (trouble instanceof Unreachable) return "offline";
  if (!(trouble instanceof ApiError)) return "waiting";
  if (trouble.status === GONE) return "gone";
  return trouble.status >= 500 || trouble.status === 429 || trouble.status === 401 ? "waiting" : "refused";
}

/** Takes over what somebody else just saved, as soon as it is told; our own unsaved changes stay on top. */
export async function follow(store: FlowStore): Promise<void> {
  const { saving } = store.getState();
  if (saving !== "saving") await join(store);
}

/** Somebody else saved meanwhile: both changes are put together, and where they touch it is said. */
async function join(store: FlowStore): Promise<void> {
  const { id, saved, set, rebase } = store.getState();
  try {
    const { flow, etag } = await loadFlow(id);
    if (etag === store.getState().etag) return;
    const { document, clashes } = merge(saved, store.getState().document, flow.document);
    const ours = difference(flow.document, document).length > 0;
    rebase(ours ? document : flow.document, flow.document, etag, clashes);
  } catch (trouble) {
    keep(store);
    set({ saving: stateAfter(trouble), trouble: sentence(trouble) });
  }
}
