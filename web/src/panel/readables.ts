// What a text or a rule at a step can read: the server knows. Until it has said so, the flow's variables.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { ask } from "@/api/client";
import { flowPath } from "@/api/flow";
import { useFlow, useFlowStore } from "@/flow/store";
import type { Readable } from "@/form/context";

interface PathShown {
  path: string;
  label: string;
  group: string;
  type: string;
  set: boolean;
}

const GROUPS: Record<string, string> = { variable: "This flow", contact: "Contact", field: "Contact", message: "Message", channel: "Channel", time: "Time", flow: "This flow", global: "Workspace", hours: "Opening hours", secret: "Secrets" };
const NO_VARIABLES: readonly { name: string; type?: string }[] = [];

interface Readables {
  readables: readonly Readable[];
  secrets: readonly Readable[];
  variables: readonly string[];
}

/** What can be read at a step, the secrets that may be sent, and the names of the flow's variables. */
export function useReadables(node: string): Readables {
  const flow = useFlowStore();
  const declared = useFlow((state) => state.document.variables ?? NO_VARIABLES);
  const edges = useFlow((state) => state.document.edges);
  const { id } = flow.getState();
  const { data } = useQuery({
    queryKey: ["paths", id, node, edges, declared],
    queryFn: async () => (await ask<{ data: PathShown[] }>("POST", `${flowPath(id)}/paths`, { node, document: flow.getState().document })).data.data,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return useMemo(() => {
    const known = data?.map(({ path, label, group, type, set }) => ({ path, label, type, group: set ? (GROUPS[group] ?? group) : "Not set on the way here" }));
    const own = declared.map(({ name, type }) => ({ path: name, label: name, group: "This flow", type }));
    const all = known ?? own;
    const secrets = all.filter((each) => each.group === GROUPS.secret);
    const readables = all.filter((each) => each.group !== GROUPS.secret);
    const variables = [...new Set([...declared.map((each) => each.name), ...(data ?? []).filter((each) => each.group === "variable").map((each) => each.path)])];
    return { readables, secrets, variables };
  }, [data, declared]);
}
