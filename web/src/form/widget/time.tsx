import { ActionIcon, Box, Button, Group, Input, Select, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMemo } from "react";

import { useChoices } from "@/canvas/names";
import { type Config, isObject, type Json } from "@/flow/document";
import { durationWords } from "@/flow/duration";

import { type FieldProps, useFlowSays, useForm, useTrouble } from "../context";
import { resolve, starter } from "../schema";
import { SchemaForm } from "../SchemaForm";
import { Span } from "./Span";
import styles from "./time.module.css";

/** So many minutes, hours or days; none where it may be left out. */
export function Duration({ schema, pointer, value, label, required, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer);
  const flowSays = useFlowSays(schema);
  const shown = value ?? schema.default;
  const placeholder = flowSays ? `${durationWords(flowSays)}, as the flow says` : schema.nullable ? "No limit" : undefined;
  return (
    <Span
      label={label}
      description={schema.description}
      error={error}
      required={required}
      placeholder={placeholder}
      value={typeof shown === "string" ? shown : ""}
      onChange={(next) => onChange(next ?? (schema.nullable ? null : undefined))}
      disabled={readOnly}
    />
  );
}

/** A day or a time of day, by the browser's own control. */
export function NativeTime({ schema, pointer, value, label, required, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer);
  const shown = value ?? schema.default;
  return (
    <TextInput
      type={schema.ui === "date" ? "date" : "time"}
      label={label}
      description={schema.description}
      value={typeof shown === "string" ? shown : ""}
      onChange={(event) => onChange(event.currentTarget.value || (schema.nullable ? null : undefined))}
      withAsterisk={required}
      disabled={readOnly}
      error={error}
    />
  );
}

/** A moment in one of several forms: a point in time, a day and time of the contact, what a variable holds. */
export function Instant({ schema, pointer, value, label, onChange }: FieldProps) {
  const { root, fresh, readOnly } = useForm();
  const error = useTrouble(pointer);
  const forms = (schema.anyOf ?? []).map((each) => resolve(each, root));
  const words = (form: (typeof forms)[number]) => (form.properties ? (form.properties.variable ? "From a variable" : "Day and time") : "Exact moment");
  const now = value === undefined || value === null ? -1 : forms.findIndex((form) => (form.properties ? isObject(value) && (form.required ?? []).every((key) => key in value) : typeof value === "string"));
  const form = forms[now];
  const begin = (index: number) => {
    const next = forms[index];
    onChange(next ? (next.properties ? starter(next, root, fresh) : new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+Z$/, "Z")) : null);
  };
  return (
    <Input.Wrapper label={label} description={schema.description} error={error} labelElement="div">
      <Stack gap="sm" mt={6}>
        <Select aria-label={label} data={[{ value: "-1", label: "Not set" }, ...forms.map((each, index) => ({ value: String(index), label: words(each) }))]} value={String(now)} onChange={(next) => begin(Number(next))} allowDeselect={false} disabled={readOnly} />
        {form?.properties && isObject(value) && <SchemaForm schema={form} value={value} pointer={pointer} onChange={onChange} />}
        {form && !form.properties && typeof value === "string" && (
          <TextInput type="datetime-local" aria-label={`${label}, moment`} value={local(value)} onChange={(event) => event.currentTarget.value && onChange(new Date(event.currentTarget.value).toISOString().replace(/\.\d+Z$/, "Z"))} disabled={readOnly} />
        )}
      </Stack>
    </Input.Wrapper>
  );
}

/** An instant as the browser's control takes it: in the zone of whoever draws. */
function local(instant: string): string {
  const when = new Date(instant);
  if (Number.isNaN(when.getTime())) return "";
  return new Date(when.getTime() - when.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function TimeZone({ schema, pointer, value, label, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer);
  const zones = useMemo(() => Intl.supportedValuesOf("timeZone"), []);
  return (
    <Select label={label} description={schema.description} data={zones} value={typeof value === "string" && value ? value : null} onChange={(next) => onChange(next ?? (schema.nullable ? null : ""))} searchable clearable limit={50} placeholder="As the workspace" disabled={readOnly} error={error} />
  );
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const DAY_NAMES: Record<string, string> = { mon: "Monday", tue: "Tuesday", wed: "Wednesday", thu: "Thursday", fri: "Friday", sat: "Saturday", sun: "Sunday" };

/** Some days of the week. */
export function Weekdays({ schema, pointer, value, label, onChange }: FieldProps) {
  const error = useTrouble(pointer, true);
  return (
    <Input.Wrapper label={label} description={schema.description} error={error} labelElement="div">
      <Days value={value} onChange={onChange} />
    </Input.Wrapper>
  );
}

function Days({ value, onChange }: { value: Json | undefined; onChange: (value: Json) => void }) {
  const { readOnly } = useForm();
  const chosen = Array.isArray(value) ? value : [];
  return (
    <Group gap={4} mt={6} wrap="nowrap">
      {DAYS.map((day) => (
        <button
          key={day}
          type="button"
          className={styles.day}
          aria-label={DAY_NAMES[day]}
          aria-pressed={chosen.includes(day)}
          disabled={readOnly}
          onClick={() => onChange(DAYS.filter((each) => (each === day) !== chosen.includes(each)))}
        >
          {DAY_NAMES[day]?.slice(0, 2)}
        </button>
      ))}
    </Group>
  );
}

const OWN = "$own";
const OFFICE: Config = { days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "17:00" };

/** Opening hours: some of the workspace's, or of its own. */
export function Hours(props: FieldProps) {
  const { schema, pointer, value, label, onChange } = props;
  const { readOnly } = useForm();
  const error = useTrouble(pointer);
  const choices = useChoices("hours_key");
  const chosen = typeof value === "string" ? value : isObject(value) ? OWN : null;
  const data = [...choices.map((each) => ({ value: each.value, label: each.label })), { value: OWN, label: "Hours of its own" }];
  const known = chosen === null || data.some((each) => each.value === chosen);
  return (
    <Stack gap="sm">
      <Select
        label={label}
        description={schema.description}
        error={error}
        data={known ? data : [...data, { value: chosen, label: `${chosen} (not here)` }]}
        value={chosen}
        onChange={(next) => onChange(next === OWN ? { weekly: [OFFICE] } : next)}
        placeholder="None"
        clearable
        disabled={readOnly}
      />
      {chosen === OWN && <OwnHours {...props} label="Hours of its own" />}
    </Stack>
  );
}

/** On which days, from when to when. */
function OwnHours({ pointer, value, label, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer, true);
  const hours = isObject(value) ? value : null;
  const weekly = Array.isArray(hours?.weekly) ? hours.weekly.filter(isObject) : [];
  const put = (next: Config[]) => onChange({ ...hours, weekly: next });
  return (
    <Input.Wrapper label={label} error={error} labelElement="div">
      <Stack gap="sm" mt={6}>
        {weekly.map((interval, index) => {
          const change = (part: Config) => put(weekly.map((each, at) => (at === index ? { ...each, ...part } : each)));
          return (
            <Box key={index} className={styles.interval}>
              <Days value={interval.days} onChange={(days) => change({ days })} />
              <Group gap={6} mt={6} wrap="nowrap">
                <TextInput type="time" aria-label="From" value={String(interval.from ?? "")} onChange={(event) => change({ from: event.currentTarget.value })} disabled={readOnly} style={{ flex: 1 }} />
                <TextInput type="time" aria-label="To" value={String(interval.to ?? "")} onChange={(event) => change({ to: event.currentTarget.value })} disabled={readOnly} style={{ flex: 1 }} />
                <ActionIcon aria-label="Remove these hours" onClick={() => put(weekly.filter((_, at) => at !== index))} disabled={readOnly}>
                  <IconTrash size={15} />
                </ActionIcon>
              </Group>
            </Box>
          );
        })}
        <Group gap={6} grow>
          <Button variant="default" leftSection={<IconPlus size={15} />} onClick={() => put([...weekly, OFFICE])} disabled={readOnly}>
            Add hours
          </Button>
        </Group>
      </Stack>
    </Input.Wrapper>
  );
}

