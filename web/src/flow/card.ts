// What stands on a node's card, by the node type's own words: `card` with {keys} of the config.
import type { NodeType } from "@/api/flow";
import { at, choiceLabel, resolve, type Schema, variants } from "@/form/schema";

import { type Config, isObject, type Json } from "./document";
import { durationWords } from "./duration";

export interface CardText {
  text: string;
  chips: readonly string[];
}

const LONGEST = 160;
const CHIPS = 4;

/** The card's text and, for lists of words, chips. `name` finds names of teams, templates and the like. */
export function cardText(type: NodeType, config: Config, name: (kind: string, id: string) => string): CardText {
  const chips: string[] = [];
  const root = type.config_schema;
  const text = type.card.replace(/\{([\w.]+)\}/g, (_, path: string) => {
    const keys = path.split(".");
    const schema = schemaAt(root, root, config, keys);
    return worded(at(config, keys) ?? schema?.default, schema, chips, name);
  });
  const [first] = type.card.match(/\{([\w]+)\.kind\}/)?.slice(1) ?? [];
  if (first && isObject(config[first])) chips.push(...details(config[first], schemaAt(root, root, config, [first]), root, name));
  return { text: cut(merged(text).trim()), chips: chips.slice(0, CHIPS) };
}

function worded(value: Json | undefined, schema: Schema | undefined, chips: string[], name: (kind: string, id: string) => string): string {
  if (value === undefined || value === null || value === "") return "";
  if (typeof value === "string") {
    if (schema?.ui === "duration") return durationWords(value);
    if (schema?.const !== undefined) return (schema.description ?? value).replace(/\.$/, "");
    if (schema?.enum) return choiceLabel(value, schema);
    return schema?.ui ? name(schema.ui, value) : value;
  }
  if (Array.isArray(value)) {
    chips.push(...value.filter((each) => typeof each === "string"));
    return "";
  }
  return isObject(value) ? "" : String(value);
}

/** The telling parts of a value that comes in several kinds: its words, times and names. */
function details(value: Config, schema: Schema | undefined, root: Schema, name: (kind: string, id: string) => string): string[] {
  return Object.entries(value).flatMap(([key, each]) => {
    const field = schema?.properties?.[key] && resolve(schema.properties[key], root);
    if (!field || key === "kind") return [];
    if (field.ui === "words" && Array.isArray(each)) return each.map(String);
    if (field.ui === "duration" && typeof each === "string") return [durationWords(each)];
    if (field.ui === "variable" && typeof each === "string" && each) return [`→ ${each}`];
    if (field.ui === "tag" && typeof each === "string" && each) return [name("tag", each)];
    if ((field.ui === "line" || field.ui === "cron") && typeof each === "string" && each) return [each];
    return [];
  });
}

/** The schema of what stands at a path of the config, with the kind that is there now. */
export function schemaAt(schema: Schema, root: Schema, value: Json | undefined, path: readonly string[]): Schema | undefined {
  let found = resolve(schema, root);
  const kind = isObject(value) ? value.kind : undefined;
  const variant = variants(found, root).find((each) => each.kind === kind);
  if (variant) found = { ...variant.schema, ui: found.ui };
  const [key, ...rest] = path;
  if (key === undefined) return found;
  const next = found.properties?.[key];
  return next && schemaAt(next, root, isObject(value) ? value[key] : undefined, rest);
}

/** Merge fields by their last word: {{contact.first_name|there}} is {first name}. */
const merged = (text: string) => text.replace(/\{\{\s*[\w.]*?(\w+)\s*(?:\|.*?)?\}\}/g, (_, name: string) => `{${name.replaceAll("_", " ")}}`);

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1).trimEnd()}…` : text;
}
