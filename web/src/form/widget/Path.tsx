import { Autocomplete } from "@mantine/core";

import { type FieldProps, useForm, useTrouble } from "../context";

/** The name of a variable to set: one that is known, or a new one. */
export function VariableName({ schema, pointer, value, label, required, onChange }: FieldProps) {
  const { variables, readOnly } = useForm();
  const error = useTrouble(pointer);
  return (
    <Autocomplete
      label={label}
      description={schema.description}
      placeholder={schema.placeholder ?? "A name, such as budget"}
      data={[...variables]}
      value={typeof value === "string" ? value : ""}
      onChange={(next) => onChange(next === "" ? (schema.nullable ? null : undefined) : next.replace(/[^A-Za-z0-9_]/g, "_"))}
      withAsterisk={required}
      disabled={readOnly}
      error={error}
    />
  );
}

/** Something to read: a variable, a field of the contact, the message. */
export function Path({ schema, pointer, value, label, required, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer);
  return (
    <Autocomplete
      label={label}
      description={schema.description}
      data={usePathChoices()}
      value={typeof value === "string" ? value : ""}
      onChange={(next) => onChange(next)}
      withAsterisk={required}
      disabled={readOnly}
      error={error}
    />
  );
}

/** What can be read here, by group. */
export function usePathChoices(): { group: string; items: string[] }[] {
  const { readables } = useForm();
  const groups = new Map<string, string[]>();
  for (const { group, path } of readables) {
    const list = groups.get(group);
    if (!list) groups.set(group, [path]);
    else if (!list.includes(path)) list.push(path);
  }
  return [...groups].map(([group, items]) => ({ group, items }));
}
