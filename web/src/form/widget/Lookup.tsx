import { Autocomplete, MultiSelect, Select } from "@mantine/core";

import { MOST_SHOWN, useChoices } from "@/canvas/names";

import { type FieldProps, useForm, useTrouble } from "../context";
import { OpenFlow } from "./FlowGives";

const NAMED = new Set(["tag"]);
const EMPTY: Record<string, string> = { hours_key: "At all times" };

/** One of what the workspace has: a team, a person, a template, a tag. */
export function Lookup({ schema, pointer, value, label, required, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer, true);
  const choices = useChoices(schema.ui ?? "");
  const chosen = typeof value === "string" && value ? value : null;
  const shared = { label, description: schema.description, withAsterisk: required, disabled: readOnly, error };
  if (NAMED.has(schema.ui ?? "")) {
    return <Autocomplete {...shared} limit={MOST_SHOWN} data={choices.map((each) => each.value)} value={chosen ?? ""} onChange={(next) => onChange(next || (schema.nullable ? null : ""))} />;
  }
  const known = choices.some((each) => each.value === chosen);
  const data = choices.map(({ value: id, label: name, hint }) => ({ value: id, label: hint ? `${name} · ${hint}` : name }));
  return (
    <>
    <Select
      {...shared}
      data={chosen && !known ? [...data, { value: chosen, label: `${chosen} (not here)` }] : data}
      value={chosen}
      onChange={(next) => onChange(next ?? (schema.nullable ? null : undefined))}
      searchable
      limit={MOST_SHOWN}
      clearable={!required}
      placeholder={required || schema.ui === "flow" ? "Choose" : (EMPTY[schema.ui ?? ""] ?? "Anyone")}
      nothingFoundMessage="There is none yet. Settings has a place to make one."
    />
    {schema.ui === "flow" && chosen && <OpenFlow flow={chosen} />}
    </>
  );
}

/** Several of what the workspace has. */
export function Lookups({ schema, pointer, value, label, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer, true);
  const choices = useChoices(schema.ui ?? "");
  const chosen = Array.isArray(value) ? value.map(String) : [];
  return (
    <MultiSelect
      label={label}
      description={schema.description}
      data={[...choices.map((each) => ({ value: each.value, label: each.label })), ...chosen.filter((id) => !choices.some((each) => each.value === id))]}
      value={chosen}
      onChange={onChange}
      searchable
      limit={MOST_SHOWN}
      nothingFoundMessage="Nothing found"
      placeholder={chosen.length ? undefined : "All"}
      disabled={readOnly}
      error={error}
    />
  );
}
