import { Anchor, Box, Collapse, Stack } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";

import { type Config, type Json } from "@/flow/document";

import { useForm } from "./context";
import { Field } from "./Field";
import { fieldLabel, isShown, resolve, type Schema } from "./schema";

interface Props {
  schema: Schema;
  value: Config;
  pointer?: string;
  /** Keys that stand elsewhere, such as the kind of a union. */
  hidden?: readonly string[];
  onChange: (value: Config, pointer: string) => void;
}

/** The fields of an object, drawn from its schema; what is seldom needed stands below "More options". */
export function SchemaForm({ schema, value, pointer = "", hidden = [], onChange }: Props) {
  const { root, findings } = useForm();
  const [open, setOpen] = useState(false);
  const found = resolve(schema, root);
  const fields = Object.entries(found.properties ?? {}).filter(([key, each]) => !hidden.includes(key) && each.ui !== "id" && isShown(each, value, found.properties ?? {}));
  const rare = (key: string, each: Schema) => each.advanced && !found.required?.includes(key);
  const more = fields.filter(([key, each]) => rare(key, each));
  const said = more.filter(([key, each]) => value[key] !== undefined && JSON.stringify(value[key]) !== JSON.stringify(each.default)).length;
  const wrong = more.some(([key]) => findings.some((each) => each.pointer.includes(`/config${pointer}/${key}`)));

  const field = ([key, each]: [string, Schema]) => (
    <Field
      key={key}
      name={key}
      schema={resolve(each, root)}
      pointer={`${pointer}/${key}`}
      value={value[key]}
      required={found.required?.includes(key) ?? false}
      label={fieldLabel(key, each)}
      onChange={(next) => onChange(put(value, key, next), `${pointer}/${key}`)}
    />
  );
  return (
    <Stack gap="md">
      {fields.filter(([key, each]) => !rare(key, each)).map(field)}
      {more.length > 0 && (
        <Box>
          <Anchor component="button" type="button" size="sm" c="dimmed" fw={560} onClick={() => setOpen(!open)} aria-expanded={open || wrong} style={{ display: "inline-flex", alignItems: "center", gap: 4 }}>
            <IconChevronRight size={15} style={{ transform: open || wrong ? "rotate(90deg)" : undefined, transition: "transform 120ms" }} />
            More options{said ? ` (${said} set)` : ""}
          </Anchor>
          <Collapse expanded={open || wrong}>
            <Stack gap="md" pt="sm">
              {(open || wrong) && more.map(field)}
            </Stack>
          </Collapse>
        </Box>
      )}
    </Stack>
  );
}

/** The object with a key set; an undefined value takes the key away. */
export function put(value: Config, key: string, next: Json | undefined): Config {
  const { [key]: _, ...rest } = value;
  if (next === undefined) return rest;
  return key in value ? { ...value, [key]: next } : { ...rest, [key]: next };
}
