// What a text or a rule at a step can read: the server knows; until it has said so, the contact and the flow's variables.
import { useMemo } from "react";

import { useChoices } from "@/canvas/names";
import { isObject } from "@/flow/document";
import { useFlow } from "@/flow/store";
import type { Readable } from "@/form/context";

const ALWAYS: readonly Readable[] = [
  { path: "contact.name", label: "Name", group: "Contact" },
  { path: "contact.first_name", label: "First name", group: "Contact" },
  { path: "contact.language", label: "Language", group: "Contact" },
  { path: "contact.tags", label: "Tags", group: "Contact" },
  { path: "message.text", label: "What was written last", group: "Message" },
  { path: "channel.kind", label: "Channel", group: "Conversation" },
];

/** What can be read at a step, and the names of the flow's variables. */
export function useReadables(_node: string): { readables: readonly Readable[]; variables: readonly string[] } {
  const document = useFlow((state) => state.document);
  const fields = useChoices("field");
  return useMemo(() => {
    const declared = (document.variables ?? []).map((variable) => ({ path: variable.name, label: variable.name, group: "This flow", type: variable.type }));
    const set = [...new Set(document.nodes.flatMap((node) => savedBy(node.config)))].filter((name) => !declared.some((each) => each.path === name));
    const made = set.map((name) => ({ path: name, label: name, group: "This flow" }));
    const own = fields.map(({ value, label }) => ({ path: `contact.fields.${value}`, label, group: "Contact" }));
    return { readables: [...declared, ...made, ...ALWAYS, ...own], variables: [...declared, ...made].map((each) => each.path) };
  }, [document.variables, document.nodes, fields]);
}

/** The variables that a config names under save_as, wherever it stands. */
function savedBy(config: unknown): string[] {
  if (Array.isArray(config)) return config.flatMap(savedBy);
  if (!isObject(config)) return [];
  return Object.entries(config).flatMap(([key, value]) => (key === "save_as" && typeof value === "string" && value ? [value] : savedBy(value)));
}

