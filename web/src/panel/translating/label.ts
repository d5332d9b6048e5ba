// What a text is called: the names of the fields on the way to it, from the node type's schema.
import type { Config, Json } from "@/flow/document";
import { isObject } from "@/flow/document";
import { fieldLabel, resolve, type Schema, variants } from "@/form/schema";

/** "Buttons 1, title" for /buttons/0/title. */
export function textLabel(root: Schema, config: Config, pointer: string): string {
  const words: string[] = [];
  let schema = resolve(root, root);
  let value: Json | undefined = config;
  for (const part of pointer.split("/").slice(1)) {
    if (Array.isArray(value)) {
      words.push(`${words.pop() ?? ""} ${Number(part) + 1}`.trim());
      schema = resolve(schema.items ?? {}, root);
      value = value[Number(part)];
      continue;
    }
    const kind = isObject(value) ? value.kind : undefined;
    const found = variants(schema, root).find((each) => each.kind === kind)?.schema ?? schema;
    const field: Schema | undefined = found.properties?.[part];
    words.push(field ? fieldLabel(part, field) : part);
    schema = resolve(field ?? {}, root);
    value = isObject(value) ? value[part] : undefined;
  }
  const [first = "Text", ...rest] = words;
  return [first, ...rest.map((each) => each.toLowerCase())].join(", ");
}
