import { Select, Stack } from "@mantine/core";

import { type Config, isObject } from "@/flow/document";

import { type FieldProps, useForm, useTrouble } from "../context";
import { starter, variants } from "../schema";
import { SchemaForm } from "../SchemaForm";

/** A value that comes in several kinds: which one, and its own fields. */
export function Kinds({ schema, pointer, value, label, onChange }: FieldProps) {
  const { root, fresh, readOnly } = useForm();
  const error = useTrouble(pointer) ?? useTrouble(`${pointer}/kind`);
  const kinds = variants(schema, root);
  const now = isObject(value) ? value : {};
  const chosen = kinds.find((each) => each.kind === now.kind);
  const change = (kind: string | null) => {
    const next = kinds.find((each) => each.kind === kind);
    if (!next) return;
    const kept = Object.fromEntries(Object.entries(now).filter(([key]) => key !== "kind" && key in (next.schema.properties ?? {})));
    onChange({ ...(starter(next.schema, root, fresh) as Config), ...kept, kind: next.kind });
  };
  return (
    <Stack gap="md">
      <Select label={label} data={kinds.map((each) => ({ value: each.kind, label: each.label }))} value={chosen?.kind ?? null} onChange={change} allowDeselect={false} disabled={readOnly} error={error} />
      {chosen && <SchemaForm key={chosen.kind} schema={chosen.schema} value={now} pointer={pointer} hidden={["kind"]} onChange={onChange} />}
    </Stack>
  );
}
