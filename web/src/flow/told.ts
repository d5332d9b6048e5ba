// How two values of a step's settings differ, in the words of its form.
import { fieldLabel, choiceLabel, resolve, type Schema } from "@/form/schema";

import { schemaAt } from "./card";
import { isObject, type Json, same } from "./document";
import { durationWords } from "./duration";

const LONGEST = 80;

/** A line for each setting that differs: "Buttons, Yes, Title: “Yes” → “Sure”". */
export function told(from: Json | undefined, to: Json | undefined, schema: Schema, root: Schema, path: readonly string[] = []): string[] {
  if (same(from, to)) return [];
  if (isObject(from) && isObject(to)) {
    const fields = (value: Json) => schemaAt(schema, root, value, [])?.properties ?? {};
    const known = { ...fields(from), ...fields(to) };
    return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((key) => {
      const field = resolve(known[key] ?? {}, root);
      return told(from[key], to[key], field, root, [...path, fieldLabel(key, field)]);
    });
  }
  if (listed(from) && listed(to)) {
    const [old, now] = [byId(from), byId(to)];
    const lines = [...new Set([...old.keys(), ...now.keys()])].flatMap((id) => {
      const [a, b] = [old.get(id), now.get(id)];
      const name = nameOf(b ?? a, id);
      if (a === undefined || b === undefined) return [`${path.join(", ")}: ${a === undefined ? "+" : "−"} “${name}”`];
      return told(a, b, resolve(schema.items ?? {}, root), root, [...path, name]);
    });
    return lines.length ? lines : [`${path.join(", ")}: in another order`];
  }
  return [`${path.join(", ")}: ${words(from, schema)} → ${words(to, schema)}`];
}

/** A list of things with settings of their own. */
const listed = (value: Json | undefined): value is Record<string, Json>[] => Array.isArray(value) && value.length > 0 && value.every(isObject);

const byId = (items: readonly Record<string, Json>[]) => new Map(items.map((item, index) => [String(item.id ?? index + 1), item]));

function nameOf(item: Record<string, Json> | undefined, id: string): string {
  const said = [item?.title, item?.label, item?.name].find((each) => typeof each === "string" && each);
  return cut(String(said ?? id));
}

function words(value: Json | undefined, schema: Schema): string {
  if (value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length)) return "nothing";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string" && schema.ui === "duration") return durationWords(value);
  if (schema.enum && !isObject(value) && !Array.isArray(value)) return choiceLabel(value, schema);
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return `“${cut(value.join(", "))}”`;
  return typeof value === "object" ? cut(JSON.stringify(value)) : `“${cut(String(value))}”`;
}

const cut = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1).trimEnd()}…` : text);
