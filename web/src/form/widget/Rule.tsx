import { ActionIcon, Autocomplete, Button, Group, Input, NumberInput, SegmentedControl, Select, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";

import type { Config, Json } from "@/flow/document";

import { type FieldProps, useForm, useTrouble } from "../context";
import { flat, isNumeric, joined, type Joint, OPERATORS, ruleWords, valueFor } from "../rule";
import { ruleStarter } from "../schema";
import { usePathChoices } from "./Path";
import { Duration } from "./time";
import styles from "./Rule.module.css";

const GROUPS = [...new Set(Object.values(OPERATORS).map((each) => each.group))];
const CHOICES = GROUPS.map((group) => ({ group, items: Object.entries(OPERATORS).filter(([, each]) => each.group === group).map(([value, each]) => ({ value, label: each.words })) }));

/** A rule as tests that must all hold, or of which one must; and as a sentence. */
export function Rule({ schema, pointer, value, label, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer, true);
  const found = flat(value);
  const words = ruleWords(value);
  if (!found)
    return (
      <Input.Wrapper label={label} description="This rule was written with rules inside rules. It is kept as it is." error={error}>
        <Text size="sm" mt={6}>
          {words}
        </Text>
      </Input.Wrapper>
    );
  const { joint, tests } = found;
  const say = (next: readonly Config[], how: Joint = joint) => onChange(next.length ? joined(how, next) : schema.nullable ? null : ruleStarter());
  return (
    <Input.Wrapper label={label} description={schema.description} error={error} labelElement="div">
      <Stack gap={8} mt={6}>
        {tests.length > 1 && (
          <SegmentedControl size="xs" data={[{ value: "all", label: "All of these" }, { value: "any", label: "Any of these" }]} value={joint} onChange={(how) => say(tests, how as Joint)} disabled={readOnly} aria-label="How they count" />
        )}
        {tests.map((test, index) => (
          <TestRow
            key={index}
            test={test}
            number={index + 1}
            onChange={(next) => say(tests.map((each, at) => (at === index ? next : each)))}
            onRemove={tests.length > 1 || schema.nullable ? () => say(tests.filter((_, at) => at !== index)) : undefined}
          />
        ))}
        <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => say([...tests, ruleStarter()])} style={{ alignSelf: "start" }} disabled={readOnly}>
          {tests.length ? "Add a condition" : "Set a condition"}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}

function TestRow({ test, number, onChange, onRemove }: { test: Config; number: number; onChange: (test: Config) => void; onRemove?: () => void }) {
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
    <div className={styles.test}>
      <Group gap={6} wrap="nowrap">
        <Autocomplete style={{ flex: 1 }} aria-label={`What is tested, ${number}`} placeholder="What is tested" data={paths} value={String(test.subject ?? "")} onChange={(subject) => change({ subject })} disabled={readOnly} />
        {onRemove && (
          <ActionIcon aria-label={`Remove condition ${number}`} onClick={onRemove} disabled={readOnly}>
            <IconTrash size={15} />
          </ActionIcon>
        )}
      </Group>
      <Select mt={6} aria-label={`How, ${number}`} data={CHOICES} value={op} onChange={choose} searchable allowDeselect={false} disabled={readOnly} />
      <Against op={op} value={test.value} number={number} onChange={(value) => change({ value })} />
    </div>
  );
}

/** What the subject is tested against, by the operator's needs. */
function Against({ op, value, number, onChange }: { op: string; value: Json | undefined; number: number; onChange: (value: Json) => void }) {
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
