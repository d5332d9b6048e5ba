import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { ask, everyPage, type Model } from "@/api/client";
import { type FlowSummary, flowPath } from "@/api/flow";
import type { FlowDocument } from "@/flow/document";

export type ReadyMade = Model<"ReadyMadeFlow">;

export const PAGE = 100;

export const flowList = (search: string, archived: boolean, page: number) =>
  queryOptions({
    queryKey: ["flows", { search, archived, page }],
    queryFn: async () => {
      const query = new URLSearchParams({ search, archived: String(archived), limit: String(PAGE), page: String(page) });
      return (await ask<{ data: FlowSummary[]; total: number }>("GET", `/v1/flows?${query}`)).data;
    },
    placeholderData: keepPreviousData,
  });

export const liveFlows = queryOptions({
  queryKey: ["flows", "live"],
  queryFn: async () => (await everyPage<FlowSummary>("/v1/flows?live=true")).sort((one, other) => one.name.localeCompare(other.name)),
});

export const readyMade = queryOptions({
  queryKey: ["ready-made-flows"],
  queryFn: async () => (await ask<{ data: ReadyMade[] }>("GET", "/v1/ready-made-flows")).data.data,
  staleTime: Infinity,
});

export type Beginning = { name: string } | { ready_made: string } | { document: unknown };

/** Everything that one does with whole flows; the list is read again afterwards. */
export function useFlowActions() {
  const client = useQueryClient();
  const onSuccess = () => client.invalidateQueries({ queryKey: ["flows"] });
  return {
    create: useMutation({ mutationFn: async (from: Beginning) => (await ask<FlowSummary>("POST", "/v1/flows", from)).data, onSuccess }),
    duplicate: useMutation({ mutationFn: async (id: string) => (await ask<FlowSummary>("POST", `${flowPath(id)}/duplicate`)).data, onSuccess }),
    archive: useMutation({ mutationFn: ({ id, archived }: { id: string; archived: boolean }) => ask("PATCH", flowPath(id), { archived }), onSuccess }),
    remove: useMutation({ mutationFn: (id: string) => ask("DELETE", flowPath(id)), onSuccess }),
  };
}

/** Hands the flow's draft to the browser as a file. */
export async function exportFlow({ id, key }: FlowSummary): Promise<void> {
  const { data } = await ask<{ document: FlowDocument }>("GET", flowPath(id));
  const file = new Blob([JSON.stringify(data.document, null, 2), "\n"], { type: "application/json" });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `${key}.json` });
  link.click();
  URL.revokeObjectURL(link.href);
}
