// Names of what configs refer to by id: teams, people, channels, templates, media, flows.
import { skipToken, useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import { ask, everyPage } from "@/api/client";

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
  tag?: string;
}

interface Source {
  path: string;
  /** Whether it comes in pages. */
  paged?: true;
  choice: (row: Row) => Choice;
}

const named = (row: Row): Choice => ({ value: row.id ?? "", label: row.name || row.label || row.email || row.id || "" });

/** Where each kind of picker finds its choices. */
const SOURCES: Record<string, Source> = {
  team: { path: "/v1/teams", choice: named },
  user: { path: "/v1/users", choice: named },
  channels: { path: "/v1/channels", choice: (row) => ({ ...named(row), hint: row.kind }) },
  channel: { path: "/v1/channels", choice: (row) => ({ ...named(row), hint: row.kind }) },
  flow: { path: "/v1/flows", paged: true, choice: named },
  tag: { path: "/v1/tags", paged: true, choice: (row) => ({ value: row.tag ?? "", label: row.tag ?? "" }) },
  template: { path: "/v1/templates", choice: (row) => ({ value: row.name ?? "", label: row.name ?? "", hint: row.status === "approved" ? row.language : `${row.language} ${row.status}` }) },
  media: { path: "/v1/media", paged: true, choice: (row) => ({ ...named(row), label: row.file_name || row.name || row.id || "", hint: row.kind }) },
  global: { path: "/v1/globals", choice: (row) => ({ value: row.key ?? "", label: row.label || row.key || "" }) },
  hours_key: { path: "/v1/hours", choice: (row) => ({ value: row.key ?? "", label: row.label || row.key || "" }) },
  field: { path: "/v1/fields", choice: (row) => ({ value: row.key ?? "", label: row.label || row.name || row.key || "" }) },
};

/** Choices that a list shows at once; typing finds the others. */
export const MOST_SHOWN = 300;
const FRESH_MS = 30_000;
const NONE: readonly Choice[] = [];

/** One choice for each value: a template has a row for each of its languages. */
export function distinct(choices: readonly Choice[]): Choice[] {
  const found = new Map<string, Choice>();
  for (const each of choices) {
    const before = found.get(each.value);
    if (!before) found.set(each.value, each);
    else if (before.hint !== each.hint) found.set(each.value, { ...before, hint: `${before.hint}, ${each.hint}` });
  }
  return [...found.values()];
}

const rowsOf = async ({ path, paged }: Source) => (paged ? everyPage<Row>(path) : (await ask<{ data: Row[] }>("GET", path)).data.data);

/** What a picker of this kind offers; empty while it loads, and for kinds without a list. */
export function useChoices(kind: string): readonly Choice[] {
  const source = SOURCES[kind];
  const { data } = useQuery({
    queryKey: ["choices", kind],
    queryFn: source ? async () => distinct((await rowsOf(source)).map(source.choice)) : skipToken,
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
