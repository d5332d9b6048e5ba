import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { ask, onSignedOut } from "./client";
import { ApiError } from "./error";

export type Role = "owner" | "editor" | "agent";

/** Who is signed in. `user_id` is null where an API key asks. */
export interface Session {
  user_id: string | null;
  name: string;
  email: string;
  role: Role;
  presence: string;
  scopes: string[];
  workspace: string;
}

export const SESSION = ["session"] as const;

/** Who is signed in, null for nobody. Turns to null as soon as any answer says so. */
export function useSession() {
  const client = useQueryClient();
  useEffect(() => onSignedOut(() => client.setQueryData(SESSION, null)), [client]);
  return useQuery({ queryKey: SESSION, queryFn: readSession, staleTime: Infinity });
}

async function readSession(): Promise<Session | null> {
  try {
    return (await ask<Session>("GET", "/v1/session")).data;
  } catch (trouble) {
    if (trouble instanceof ApiError && trouble.status === 401) return null;
    throw trouble;
  }
}

/** Flows may be changed by owners and editors. */
export function useMayEdit(): boolean {
  return useSession().data?.role !== "agent";
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => ask("DELETE", "/v1/session"),
    onSettled: () => {
      client.setQueryData(SESSION, null);
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION[0] }); // nothing of theirs stays for the next
    },
  });
}
