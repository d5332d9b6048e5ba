import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { ask, everyPage, type Model } from "@/api/client";

export type Contact = Model<"ContactShown">;
export type Run = Model<"RunShown">;
export type Step = Model<"StepShown">;
export const PAGE = 50;
export const CONTACTS = ["contacts"] as const;

const path = (id: string) => `/v1/contacts/${encodeURIComponent(id)}`;

export const contactList = (search: string, tag: string | null, page: number) =>
  queryOptions({
    queryKey: [...CONTACTS, "list", { search, tag, page }],
    queryFn: async () => {
      const query = new URLSearchParams({ page: String(page), limit: String(PAGE) });
      if (search) query.set("search", search);
      if (tag) query.set("tag", tag);
      return (await ask<{ data: Contact[]; total: number }>("GET", `/v1/contacts?${query}`)).data;
    },
    placeholderData: keepPreviousData,
  });

export const contact = (id: string) =>
  queryOptions({ queryKey: [...CONTACTS, id], queryFn: async () => (await ask<Contact>("GET", path(id))).data });

export const tagList = queryOptions({
  queryKey: ["tags"],
  queryFn: async () => everyPage<Model<"TagShown">>("/v1/tags"),
});

export const fieldList = queryOptions({
  queryKey: ["fields"],
  queryFn: async () => (await ask<{ data: Model<"Field">[] }>("GET", "/v1/fields")).data.data,
});

export const runsOf = (contact: string) =>
  queryOptions({
    queryKey: [...CONTACTS, contact, "runs"],
    queryFn: async () => (await ask<{ data: Run[] }>("GET", `/v1/runs?contact_id=${contact}&limit=20`)).data.data,
  });

export const stepsOf = (run: string) =>
  queryOptions({
    queryKey: ["runs", run, "steps"],
    queryFn: async () => (await ask<{ data: Step[] }>("GET", `/v1/runs/${run}/steps?limit=100`)).data.data,
  });

export const conversationsOf = (contact: string) =>
  queryOptions({
    queryKey: ["conversations", "of", contact],
    queryFn: async () => (await ask<{ data: Model<"ConversationShown">[] }>("GET", `/v1/conversations?contact_id=${contact}`)).data.data,
  });

export type Note = Model<"HappeningShown">;

export const notesOf = (contact: string) =>
  queryOptions({
    queryKey: [...CONTACTS, contact, "notes"],
    queryFn: async () => (await ask<{ data: Note[] }>("GET", `${path(contact)}/notes`)).data.data,
  });

export interface Changes {
  name?: string;
  email?: string;
  tags?: string[];
  fields?: Record<string, unknown>;
  opted_out?: boolean;
}

/** What one does with a contact. Everything that shows contacts is read again afterwards. */
export function useContactActions(id: string) {
  const client = useQueryClient();
  const onSuccess = async () => {
    await Promise.all([client.invalidateQueries({ queryKey: CONTACTS }), client.invalidateQueries({ queryKey: ["tags"] })]);
  };
  return {
    change: useMutation({ mutationFn: (changes: Changes) => ask("PATCH", path(id), changes), onSuccess }),
    tag: useMutation({ mutationFn: (tags: string[]) => ask("PUT", `${path(id)}/tags`, { tags }), onSuccess }),
    note: useMutation({ mutationFn: (text: string) => ask("POST", `${path(id)}/notes`, { text }), onSuccess }),
    removeNote: useMutation({ mutationFn: (note: string) => ask("DELETE", `${path(id)}/notes/${note}`), onSuccess }),
    remove: useMutation({ mutationFn: () => ask("DELETE", path(id)), onSuccess }),
    start: useMutation({ mutationFn: (flow: string) => ask("POST", `/v1/flows/${flow}/start`, { contact_id: id }), onSuccess }),
    stop: useMutation({ mutationFn: (run: string) => ask("POST", `/v1/runs/${run}/stop`, {}), onSuccess }),
  };
}

export function useAddContact() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (made: { name: string; phone?: string; email?: string; tags?: string[] }) => (await ask<Contact>("POST", "/v1/contacts", made)).data,
    onSuccess: () => client.invalidateQueries({ queryKey: CONTACTS }),
    meta: { quiet: true },
  });
}

/** The contact's name, or the best of what else is known. */
export function nameOf(contact: Contact): string {
  return contact.name || contact.phone || contact.email || "Visitor";
}
