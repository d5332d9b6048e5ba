import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { ask } from "@/api/client";

/** A list that fits on one page, such as the teams. */
export const listOf = <T>(path: string, key: string) =>
  queryOptions({ queryKey: [key], queryFn: async () => (await ask<{ data: T[] }>("GET", path)).data.data });

interface Change {
  method: "POST" | "PATCH" | "PUT" | "DELETE";
  path: string;
  body?: unknown;
}

/** A change of the settings. The lists under these keys are read again afterwards. */
export function useChange<T = unknown>(...keys: string[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ method, path, body }: Change) => (await ask<T>(method, path, body)).data,
    onSuccess: () => Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}
