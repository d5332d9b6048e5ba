import { Select } from "@mantine/core";
import { useMemo } from "react";

import { useFlow } from "@/flow/store";

import { type FieldProps, useForm, useTrouble } from "../context";

/** One of the flow's own steps, where it may go on. */
export function StepChoice({ schema, pointer, value, label, required, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer);
  const nodes = useFlow((state) => state.document.nodes);
  const types = useFlow((state) => state.types);
  const data = useMemo(
    () => nodes.filter((node) => !types.get(node.type)?.starts).map((node) => ({ value: node.id, label: node.label || types.get(node.type)?.label || node.type })),
    [nodes, types],
  );
  const chosen = typeof value === "string" && value ? value : null;
  return (
    <Select
      label={label}
      description={schema.description}
      data={chosen && !data.some((each) => each.value === chosen) ? [...data, { value: chosen, label: `${chosen} (not here)` }] : data}
      value={chosen}
      onChange={(next) => onChange(next ?? "")}
      searchable
      placeholder="Choose a step"
      nothingFoundMessage="There is no such step."
      withAsterisk={required}
      disabled={readOnly}
      error={error}
    />
  );
}
