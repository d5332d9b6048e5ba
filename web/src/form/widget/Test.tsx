import { Autocomplete, Group, NumberInput, Select, TagsInput, TextInput } from "@mantine/core";
import type { ReactNode } from "react";

import type { Config, Json } from "@/flow/document";

import { useForm } from "../context";
import { isNumeric, OPERATORS, valueFor } from "../rule";
import { usePathChoices } from "./Path";
import { Duration } from "./time";

const GROUPS = [...new Set(Object.values(OPERATORS).map((each) => each.group))];
const CHOICES = GROUPS.map((group) => ({ group, items: Object.entries(OPERATORS).filter(([, each]) => each.group === group).map(([value, each]) => ({ value, label: each.words })) }));

interface Props {
  test: Config;
  /** What tells it from the others for readers: 1, or 2.1. */
  number: string;
  /** What stands at the right of its first line. */
  tools: ReactNode;
  onChange: (test: Config) => void;
}

/** One condition: what is tested, how, against what. */
export function Test({ test, number, tools, onChange }: Props) {
  const { readOnly } = useForm();
  const paths = usePathChoices();
  const op = String(test.op ?? "is");
  const change = (part: Config) => onChange({ ...test, ...part });
  const choose = (next: string | null) => {
    if (!next) return;
    const { value: before, ...rest } = test;
    const value = valueFor(next, before);
    onChange({ ...rest, op: next, ...(value !== undefined && { value }) });
  };
  return (
    <>
      <Group gap={4} wrap="nowrap">
        <Autocomplete style={{ flex: 1 }} aria-label={`What is tested, ${number}`} placeholder="What is tested" data={paths} value={String(test.subject ?? "")} onChange={(subject) => change({ subject })} disabled={readOnly} />
        {tools}
      </Group>
      <Select mt={6} aria-label={`How, ${number}`} data={CHOICES} value={op} onChange={choose} searchable allowDeselect={false} disabled={readOnly} />
      <Against op={op} value={test.value} number={number} onChange={(value) => change({ value })} />
    </>
  );
}

/** What the subject is tested against, by the operator's needs. */
function Against({ op, value, number, onChange }: { op: string; value: Json | undefined; number: string; onChange: (value: Json) => void }) {
  const { readOnly } = useForm();
  const label = `Value, ${number}`;
  const numeric = isNumeric(op);
  const shared = { mt: 6, disabled: readOnly };
  switch (OPERATORS[op]?.takes) {
    case "nothing":
      return null;
    case "many":
      return <TagsInput {...shared} aria-label={label} placeholder="Type, then press Enter" value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} acceptValueOnBlur />;
    case "two": {
      const [low, high] = Array.isArray(value) ? value : [0, 0];
      return (
        <Group gap={6} grow mt={6}>
          <NumberInput aria-label={`${label}, from`} value={Number(low)} onChange={(next) => onChange([Number(next), high ?? 0])} disabled={readOnly} />
          <NumberInput aria-label={`${label}, to`} value={Number(high)} onChange={(next) => onChange([low ?? 0, Number(next)])} disabled={readOnly} />
        </Group>
      );
    }
    case "duration":
      return <Duration name="value" label="" schema={{}} pointer="" required={false} value={value} onChange={(next) => onChange(next ?? "P1D")} />;
    default:
      return numeric ? (
        <NumberInput {...shared} aria-label={label} value={typeof value === "number" ? value : ""} onChange={(next) => onChange(Number(next))} />
      ) : (
        <TextInput {...shared} aria-label={label} value={value === undefined || value === null ? "" : String(value)} onChange={(event) => onChange(event.currentTarget.value)} placeholder={OPERATORS[op]?.takes === "moment" ? "2026-12-24, or a variable" : "Value"} />
      );
  }
}
