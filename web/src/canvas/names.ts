// Names of what configs refer to by id: teams, people, channels, templates, media, flows.
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import { ask } from "@/api/client";

export interface Choice {
  value: string;
  label: string;
  hint?: string;
}

interface Row {
  id?: string;
  name?: string;
  label?: string;
  email?: string;
  language?: string;
  status?: string;
  kind?: string;
  file_name?: string;
  key?: string;
}

interface Source {
  path: string;
  choice: (row: Row) => Choice;
}

const named = (row: Row): Choice => ({ value: row.id ?? "", label: row.name || row.label || row.email || row.id || "" });

/** Where each kind of picker finds its choices. */
const SOURCES: Record<string, Source> = {
  team: { path: "/v1/teams?limit=100", choice: named },
  user: { path: "/v1/users?limit=100", choice: named },
  channels: { path: "/v1/channels?limit=100", choice: (row) => ({ ...named(row), hint: row.kind }) },
  channel: { path: "/v1/channels?limit=100", choice: (row) => ({ ...named(row), hint: row.kind }) },
  flow: { path: "/v1/flows?limit=100", choice: named },
  tag: { path: "/v1/tags?limit=100", choice: (row) => ({ value: row.name ?? "", label: row.name ?? "" }) },
  template: { path: "/v1/templates", choice: (row) => ({ value: row.name ?? "", label: `${row.name ?? ""} (${row.language ?? ""})`, hint: row.status }) },
  media: { path: "/v1/media?limit=100", choice: (row) => ({ ...named(row), label: row.file_name || row.name || row.id || "", hint: row.kind }) },
  global: { path: "/v1/globals", choice: (row) => ({ value: row.key ?? "", label: row.label || row.key || "" }) },
  hours_key: { path: "/v1/hours", choice: (row) => ({ value: row.key ?? "", label: row.label || row.key || "" }) },
  field: { path: "/v1/fields?limit=100", choice: (row) => ({ value: row.key ?? "", label: row.label || row.name || row.key || "" }) },
};

const FRESH_MS = 30_000;
const NONE: readonly Choice[] = [];

/** What a picker of this kind offers; empty while it loads, and for kinds without a list. */
export function useChoices(kind: string): readonly Choice[] {
  const source = SOURCES[kind];
  const { data } = useQuery({
    queryKey: ["choices", kind],
    queryFn: async () => (await ask<{ data: Row[] }>("GET", source?.path ?? "")).data.data.map((row) => source!.choice(row)),
    enabled: source !== undefined,
    staleTime: FRESH_MS,
  });
  return data ?? NONE;
}

/** Finds the name behind an id; the id itself where it isn't known. */
export function useNames(): (kind: string, id: string) => string {
  const teams = useChoices("team");
  const users = useChoices("user");
  const flows = useChoices("flow");
  return useCallback(
    (kind: string, id: string) => ({ team: teams, user: users, flow: flows })[kind]?.find((each) => each.value === id)?.label ?? id,
    [teams, users, flows],
  );
}
