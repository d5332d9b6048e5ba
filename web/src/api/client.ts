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

/** A request and its answer's body and ETag. A refusal becomes an ApiError, silence an Unreachable: who asks sees only what is right. */
export async function ask<T>(method: string, path: string, sent?: unknown, headers: Record<string, string> = {}): Promise<{ data: T; etag: string }> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: sent === undefined ? headers : { "Content-Type": "application/json", ...headers },
      body: sent === undefined ? undefined : JSON.stringify(sent),
    });
  } catch {
    throw new Unreachable();
  }
  if (response.status === 401 && !path.endsWith("/session")) signedOut.forEach((tell) => tell());
  if (!response.ok) throw await ApiError.from(response);
  const data = (response.status === 204 ? undefined : await response.json()) as T;
  return { data, etag: response.headers.get("ETag") ?? "" };
}
