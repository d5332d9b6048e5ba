// The part of JSON Schema (2020-12) that node configs are written in, as the server sends it.
import { type Config, isObject, type Json } from "@/flow/document";

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  title?: string;
  description?: string;
  default?: Json;
  const?: Json;
  enum?: Json[];
  examples?: Json[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  allOf?: Schema[];
  if?: Schema;
  then?: Schema;
  else?: Schema;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
  format?: string;
  pattern?: string;
  /** The control that shows it (nodes/form.py). */
  ui?: string;
  /** Words for the values of an enum. */
  labels?: Record<string, string>;
  /** Folded away under "More options". */
  advanced?: boolean;
  placeholder?: string;
  /** The flow's setting that counts where this one is empty. */
  setting?: string;
  /** Merge fields in it may name secrets. */
  secrets?: boolean;
  /** Above it the step's call can be tried for real; the field that keeps answers as examples. */
  trial?: string;
  /** The field beside it that names the flow whose inputs or outputs it is about. */
  flow?: string;
  /** Shown only while the fields beside it have one of these values. */
  show_if?: Record<string, Json[]>;
}

/** Follows references and unwraps "this or null"; says whether null is allowed. */
export function resolve(schema: Schema, root: Schema): Schema & { nullable?: boolean } {
  const { $ref, ...beside } = schema;
  if ($ref) return resolve({ ...root.$defs?.[$ref.split("/").pop() ?? ""], ...beside }, root);
  const options = schema.anyOf?.filter((each) => each.type !== "null");
  if (options && options.length === 1 && options.length < (schema.anyOf?.length ?? 0)) {
    const { anyOf: _, ...rest } = schema;
    return { ...resolve(options[0] ?? {}, root), ...rest, nullable: true };
  }
  if (options && options.length < (schema.anyOf?.length ?? 0)) return { ...schema, anyOf: options, nullable: true };
  return schema;
}

/** One form of a value that comes in several, told apart by its `kind`. */
export interface Variant {
  kind: string;
  label: string;
  schema: Schema;
}

/** The forms of a union with a `kind`, empty for anything else. */
export function variants(schema: Schema, root: Schema): Variant[] {
  return (schema.allOf ?? []).flatMap((each) => {
    const kind = each.if?.properties?.kind?.const;
    if (typeof kind !== "string" || !each.then) return [];
    const found = resolve(each.then, root);
    const label = found.properties?.kind?.description ?? found.description ?? kind;
    return [{ kind, label: label.replace(/\.$/, ""), schema: found }];
  });
}

/** The smallest value that a schema allows, as far as it can be known: defaults, first choices, required fields. */
export function starter(schema: Schema, root: Schema, fresh: () => string): Json {
  const found = resolve(schema, root);
  if (found.const !== undefined) return found.const;
  if (found.ui === "id") return fresh();
  if (found.default !== undefined && found.default !== null) return found.default;
  const first = variants(found, root)[0];
  if (first) return { ...(starter(first.schema, root, fresh) as Config), kind: first.kind };
  if (found.properties) {
    const filled = (found.required ?? []).map((key) => [key, starter(found.properties?.[key] ?? {}, root, fresh)]);
    return Object.fromEntries(filled) as Config;
  }
  if (found.if) return ruleStarter();
  if (found.enum) return found.enum[0] ?? null;
  if (found.ui === "duration" || found.format === "postdog-duration") return "PT1H";
  switch (found.type) {
    case "array":
      return found.minItems && found.items && resolve(found.items, root).type !== "string" ? [starter(found.items, root, fresh)] : [];
    case "object":
      return {};
    case "boolean":
      return false;
    case "integer":
    case "number":
      return found.minimum ?? 0;
    default:
      return "";
  }
}

export const ruleStarter = (): Config => ({ subject: "message.text", op: "is_set" });

/** Whether a field is shown beside these values. */
export function isShown(field: Schema, value: Config, fields: Record<string, Schema>): boolean {
  return Object.entries(field.show_if ?? {}).every(([key, wanted]) => wanted.includes(value[key] ?? fields[key]?.default ?? null));
}

/** A field's name for people: its title, or its key in sentence case where the title was only made from the key. */
export function fieldLabel(key: string, schema: Schema): string {
  const words = key.replaceAll("_", " ").trim();
  const made = words.charAt(0).toUpperCase() + words.slice(1);
  const title = schema.title?.trim();
  return title && title !== words.replace(/\b\w/g, (letter) => letter.toUpperCase()) ? title : made;
}

/** Words for one of a few values. */
export function choiceLabel(value: Json, schema: Schema): string {
  const key = String(value);
  if (schema.labels?.[key]) return schema.labels[key];
  const words = key.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The value at a path of keys, undefined where there is none. */
export function at(value: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((found, key) => (isObject(found) ? found[key] : undefined), value);
}
