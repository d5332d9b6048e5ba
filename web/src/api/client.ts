import { ApiError, Unreachable } from "./error";
import type { components } from "./schema";

export type Model<Name extends keyof components["schemas"]> = components["schemas"][Name];

type Listener = () => void;
const signedOut = new Set<Listener>();

/** Calls the listener whenever the server says that nobody is signed in. Gives the way to stop. */
export function onSignedOut(listener: Listener): Listener {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

/** A request. A refusal becomes an ApiError, silence an Unreachable: who asks sees only what is right. */
export async function send(method: string, path: string, body: BodyInit | undefined, headers: Record<string, string> = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { method, credentials: "same-origin", headers, body });
  } catch {
    throw new Unreachable();
  }
  if (response.status === 401 && !path.endsWith("/session")) signedOut.forEach((tell) => tell());
  if (!response.ok) throw await ApiError.from(response);
  return response;
}

const LARGEST_PAGE = 100;

/** Every row of a list that comes in pages. Changes meanwhile may bring a row twice. */
export async function everyPage<T>(path: string): Promise<T[]> {
  const rows: T[] = [];
  for (let page = 1; ; page += 1) {
    const { data } = await ask<{ data: T[]; has_more: boolean }>("GET", `${path}${path.includes("?") ? "&" : "?"}limit=${LARGEST_PAGE}&page=${page}`);
    rows.push(...data.data);
    if (!data.has_more) return rows;
  }
}

/** A request with JSON, and its answer's body and ETag. */
export async function ask<T>(method: string, path: string, sent?: unknown, headers: Record<string, string> = {}): Promise<{ data: T; etag: string }> {
  const response = await (sent === undefined ? send(method, path, undefined, headers) : send(method, path, JSON.stringify(sent), { "Content-Type": "application/json", ...headers }));
  const data = (response.status === 204 ? undefined : await response.json()) as T;
  return { data, etag: response.headers.get("ETag") ?? "" };
}
