import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

/** What happened in the workspace, as /v1/live tells it. */
export interface Told {
  event: string;
  data: Record<string, unknown>;
}

type Listener = (told: Told) => void;

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const listeners = new Set<Listener>();
let socket: WebSocket | null = null;
let wait = FIRST_WAIT_MS;

/** One socket for all who listen; it is opened by the first, closed after the last, and comes back by itself. */
function connect(): void {
  if (socket || !listeners.size) return;
  const opened = new WebSocket(new URL("/v1/live", window.location.href.replace(/^http/, "ws")));
  socket = opened;
  let missed = wait > FIRST_WAIT_MS;
  opened.onopen = () => {
    wait = FIRST_WAIT_MS;
    if (missed) tell({ event: "lagged", data: {} });
    missed = false;
  };
  opened.onmessage = (message) => tell(JSON.parse(String(message.data)) as Told);
  opened.onclose = () => {
    if (socket === opened) socket = null;
    if (!listeners.size) return;
    window.setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  };
}

function tell(told: Told): void {
  listeners.forEach((listener) => listener(told));
}

/** Calls the listener with all that happens while the component is shown. `lagged`: some was missed, read again. */
export function useLive(listener: Listener): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => {
    const mine: Listener = (told) => latest.current(told);
    listeners.add(mine);
    connect();
    return () => {
      listeners.delete(mine);
      if (!listeners.size) socket?.close();
    };
  }, []);
}

/** Reads the lists under these keys again when one of the events happens, at most every `pace` milliseconds. */
export function useFresh(events: readonly string[], keys: readonly (readonly unknown[])[], pace = 300): void {
  const client = useQueryClient();
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useLive(({ event }) => {
    if (timer.current || !(event === "lagged" || events.some((each) => event.startsWith(each)))) return;
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      keys.forEach((queryKey) => void client.invalidateQueries({ queryKey }));
    }, pace);
  });
}
