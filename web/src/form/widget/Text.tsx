import { ActionIcon, Box, Button, Group, Input, Stack, Text, Textarea, TextInput, Tooltip } from "@mantine/core";
import { IconBraces, IconPlus, IconX } from "@tabler/icons-react";
import { type RefObject, useRef, useState } from "react";

import { Picker, type PickerItem } from "@/shared/Picker";

import { type FieldProps, type Readable, useFlowSays, useForm, useTrouble } from "../context";

type Element = HTMLTextAreaElement | HTMLInputElement;

const COUNT_FROM = 0.8;
const USUAL_LIMIT = 1024;
const LINE = 1000;

/** A text with merge fields; typing {{ offers what can be filled in here. */
export function LongText(props: FieldProps) {
  const { schema, pointer, label, required } = props;
  const { readOnly } = useForm();
  const error = useTrouble(pointer);
  const { input, text, type, picker, button } = useMerging<HTMLTextAreaElement>(props);
  const flowSays = useFlowSays(schema);
  return (
    <>
      <Textarea
        ref={input}
        label={<Labelled label={label} required={required} button={button} />}
        labelProps={{ style: { width: "100%" } }}
        aria-label={label}
        description={schema.description}
        placeholder={flowSays ?? schema.placeholder}
        autosize
        minRows={3}
        maxRows={12}
        value={text}
        onChange={(event) => type(event.currentTarget)}
        disabled={readOnly}
        error={error}
      />
      <Counter pointer={pointer} length={text.length} limit={schema.maxLength ?? USUAL_LIMIT} always />
      {picker}
    </>
  );
}

/** One line with merge fields. */
export function Line(props: FieldProps & { accessibleLabel?: string }) {
  const { schema, pointer, label, required, accessibleLabel } = props;
  const { readOnly } = useForm();
  const error = useTrouble(pointer);
  const { input, text, type, picker, button } = useMerging<HTMLInputElement>(props);
  const example = schema.examples?.[0];
  return (
    <>
      <TextInput
        ref={input}
        label={label || undefined}
        aria-label={accessibleLabel}
        description={schema.description}
        placeholder={schema.placeholder ?? (typeof example === "string" ? example : undefined)}
        value={text}
        onChange={(event) => type(event.currentTarget)}
        rightSection={schema.ui === "line" ? button : undefined}
        withAsterisk={required}
        disabled={readOnly}
        error={error}
      />
      <Counter pointer={pointer} length={text.length} limit={schema.maxLength ?? USUAL_LIMIT} />
      {picker}
    </>
  );
}

/** A text that stays as it is: a line, or several where it may be long. */
export function Plain({ schema, pointer, value, label, required, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer);
  const text = typeof value === "string" ? value : typeof schema.default === "string" ? schema.default : "";
  const example = schema.examples?.[0];
  const placeholder = schema.placeholder ?? (typeof example === "string" ? example : undefined);
  const shared = { label, description: schema.description, placeholder, value: text, withAsterisk: required, disabled: readOnly, error };
  if ((schema.maxLength ?? 0) <= LINE) return <TextInput {...shared} onChange={(event) => onChange(event.currentTarget.value)} />;
  return (
    <>
      <Textarea {...shared} autosize minRows={2} maxRows={12} onChange={(event) => onChange(event.currentTarget.value)} />
      <Counter pointer={pointer} length={text.length} limit={schema.maxLength ?? USUAL_LIMIT} always />
    </>
  );
}

/** Several lines with merge fields, in their order. */
export function Lines({ schema, pointer, value, label, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const lines = Array.isArray(value) ? value.map(String) : [];
  return (
    <Input.Wrapper label={label} description={schema.description} labelElement="div">
      <Stack gap={6} mt={6}>
        {lines.map((line, index) => (
          <Group key={index} gap={4} wrap="nowrap" align="flex-start">
            <Box style={{ flex: 1 }}>
              <Line name={`${index}`} label="" accessibleLabel={`${label} ${index + 1}`} schema={{ ui: "line", type: "string" }} pointer={`${pointer}/${index}`} value={line} required={false} onChange={(next) => onChange(lines.map((each, at) => (at === index ? String(next ?? "") : each)))} />
            </Box>
            <ActionIcon mt={4} aria-label={`Remove ${label} ${index + 1}`} onClick={() => onChange(lines.filter((_, at) => at !== index))} disabled={readOnly}>
              <IconX size={15} />
            </ActionIcon>
          </Group>
        ))}
        {lines.length < (schema.maxItems ?? Infinity) && (
          <Button variant="default" leftSection={<IconPlus size={15} />} onClick={() => onChange([...lines, ""])} disabled={readOnly}>
            Add a value
          </Button>
        )}
      </Stack>
    </Input.Wrapper>
  );
}

function Labelled({ label, required, button }: { label: string; required: boolean; button: React.ReactNode }) {
  return (
    <Group justify="space-between" gap={4} component="span">
      <span>
        {label}
        {required && (
          <Text span c="red" aria-hidden>
            {" *"}
          </Text>
        )}
      </span>
      {button}
    </Group>
  );
}

interface CounterProps {
  pointer: string;
  length: number;
  /** What the server takes, where the flow's channels say nothing narrower. */
  limit: number;
  /** Also far from the limit. */
  always?: boolean;
}

/** How long a text is, of what the flow's channels show. */
export function Counter({ pointer, length, limit, always }: CounterProps) {
  const { limits } = useForm();
  const most = limits[pointer] ?? limit;
  const near = length > most * COUNT_FROM;
  if (!length || (!near && !always)) return null;
  return (
    <Text size="xs" ta="right" mt={2} c={length > most ? "red" : near ? "orange" : "dimmed"} style={{ fontVariantNumeric: "tabular-nums" }}>
      {near || pointer in limits ? `${length} of ${most}` : length}
    </Text>
  );
}

/** Typing, and putting merge fields where the cursor stands. */
function useMerging<T extends Element>({ value, schema, onChange }: FieldProps) {
  const form = useForm();
  const { readOnly } = form;
  const readables = schema.secrets ? [...form.readables, ...form.secrets] : form.readables;
  const input = useRef<T>(null) as RefObject<T>;
  const [open, setOpen] = useState<{ x: number; y: number } | null>(null);
  const text = typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : typeof schema.default === "string" ? schema.default : "";

  const say = (next: string) => onChange(next === "" && schema.nullable ? null : next);
  const show = () => {
    const box = input.current?.getBoundingClientRect();
    if (box) setOpen({ x: box.left, y: box.bottom + 4 });
  };
  const type = (element: T) => {
    say(element.value);
    const before = element.value.slice(0, element.selectionStart ?? 0);
    if (before.endsWith("{{") && element.value.length > text.length && readables.length) show();
  };
  const pick = ({ id }: PickerItem) => {
    setOpen(null);
    const element = input.current;
    const at = element?.selectionStart ?? text.length;
    const begun = text.slice(0, at).endsWith("{{") ? at - 2 : at;
    const put = `{{${id}}}`;
    say(text.slice(0, begun) + put + text.slice(element?.selectionEnd ?? at).replace(/^\}\}/, ""));
    requestAnimationFrame(() => {
      element?.focus();
      element?.setSelectionRange(begun + put.length, begun + put.length);
    });
  };
  const button = !readOnly && readables.length > 0 && (
    <Tooltip label="Insert a variable ({{)">
      <ActionIcon size="sm" aria-label="Insert a variable" onClick={show} onMouseDown={(event) => event.preventDefault()}>
        <IconBraces size={15} />
      </ActionIcon>
    </Tooltip>
  );
  const picker = open && <Picker items={readables.map(asItem)} placeholder="Insert a variable" label="Insert a variable" at={open} onPick={pick} onClose={() => setOpen(null)} />;
  return { input, text, type, picker, button };
}

export const asItem = ({ path, label, group, type }: Readable): PickerItem => ({ id: path, label, group, hint: label === path ? type : path });
