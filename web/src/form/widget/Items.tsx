import { ActionIcon, Box, Button, Group as Row, Input, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef } from "react";

import { type Config, isObject, type Json } from "@/flow/document";

import { type FieldProps, useForm, useTrouble } from "../context";
import { resolve, type Schema, starter } from "../schema";
import { put, SchemaForm } from "../SchemaForm";
import styles from "./Group.module.css";
import { Counter } from "./Text";

/** A list whose items keep their ids, so that the ways out behind them stay where they lead. */
export function Items({ schema, pointer, value, label, onChange }: FieldProps) {
  const { root, fresh, readOnly } = useForm();
  const error = useTrouble(pointer);
  const items = Array.isArray(value) ? value.filter(isObject) : [];
  const each = resolve(schema.items ?? {}, root);
  const [line] = Object.entries(each.properties ?? {}).filter(([, field]) => field.ui === "line" || field.ui === "plain");
  const dense = line && Object.values(each.properties ?? {}).filter((field) => field.ui !== "id").length === 1;
  const one = singular(label).toLowerCase();
  const list = useRef<HTMLDivElement>(null);
  const wanted = useRef<number | null>(null);
  useEffect(() => {
    if (wanted.current !== null) list.current?.querySelector<HTMLElement>(`:scope > [data-item="${wanted.current}"] [data-move]`)?.focus();
    wanted.current = null;
  });

  const add = () => {
    const made = starter(each, root, fresh) as Config;
    const named = line && each.required?.includes(line[0]) && made[line[0]] === "" ? { ...made, [line[0]]: `${singular(label)} ${items.length + 1}` } : made;
    onChange([...items, named]);
  };
  const change = (index: number, next: Config) => onChange(items.map((item, at) => (at === index ? next : item)));
  const swap = (index: number, other: number) => {
    if (other < 0 || other >= items.length) return;
    const next: Json[] = [...items];
    [next[index], next[other]] = [items[other]!, items[index]!];
    wanted.current = other;
    onChange(next);
  };
  // Alt with the arrows moves an item, and the focus stays with it.
  const keys = (event: KeyboardEvent, index: number) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!event.altKey || !by || readOnly) return;
    event.preventDefault();
    event.stopPropagation();
    swap(index, index + by);
  };

  return (
    <Input.Wrapper label={label} description={schema.description} error={error} labelElement="div">
      <Stack gap={dense ? 6 : 8} mt={6} ref={list}>
        {items.map((item, index) => (
          <Box key={typeof item.id === "string" ? item.id : index} className={styles.item} data-dense={dense || undefined} data-item={index} onKeyDown={(event) => keys(event, index)}>
            <Row gap={4} wrap="nowrap" align="flex-start" justify={dense ? "flex-end" : "space-between"}>
              {dense && line ? (
                <OneLine name={line[0]} schema={line[1]} pointer={`${pointer}/${index}/${line[0]}`} label={`${one} ${index + 1}`} item={item} onChange={(next) => change(index, next)} />
              ) : (
                <Text size="xs" fw={600} c="dimmed" pt={3}>
                  {singular(label)} {index + 1}
                </Text>
              )}
              <Row gap={0} wrap="nowrap" className={styles.tools} mt={dense ? 4 : 0}>
                {items.length > 1 && (
                  <ActionIcon size="sm" data-move aria-label={`Move ${one} ${index + 1} up`} onClick={() => swap(index, index - 1)} disabled={readOnly} aria-disabled={index === 0}>
                    <IconArrowUp size={14} />
                  </ActionIcon>
                )}
                {items.length > 1 && !dense && (
                  <ActionIcon size="sm" aria-label={`Move ${one} ${index + 1} down`} onClick={() => swap(index, index + 1)} disabled={readOnly} aria-disabled={index === items.length - 1}>
                    <IconArrowDown size={14} />
                  </ActionIcon>
                )}
                <ActionIcon size="sm" aria-label={`Remove ${one} ${index + 1}`} onClick={() => onChange(items.filter((_, at) => at !== index))} disabled={readOnly || items.length <= (schema.minItems ?? 0)}>
                  <IconTrash size={14} />
                </ActionIcon>
              </Row>
            </Row>
            {!(dense && line) && <SchemaForm schema={each} value={item} pointer={`${pointer}/${index}`} onChange={(next) => change(index, next)} />}
          </Box>
        ))}
        {items.length < (schema.maxItems ?? Infinity) && (
          <Button variant="default" leftSection={<IconPlus size={15} />} onClick={add} disabled={readOnly}>
            Add {one}
          </Button>
        )}
      </Stack>
    </Input.Wrapper>
  );
}

const singular = (words: string) => words.replace(/(ch|sh|x|ss)es$/, "$1").replace(/([^su])s$/, "$1");

interface OneLineProps {
  name: string;
  schema: Schema;
  pointer: string;
  label: string;
  item: Config;
  onChange: (next: Config) => void;
}

function OneLine({ name, schema, pointer, label, item, onChange }: OneLineProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer);
  const text = String(item[name] ?? "");
  return (
    <Box style={{ flex: 1 }}>
      <TextInput
        data-pointer={pointer}
        aria-label={label.charAt(0).toUpperCase() + label.slice(1)}
        value={text}
        onChange={(event) => onChange(put(item, name, event.currentTarget.value))}
        disabled={readOnly}
        error={error}
      />
      <Counter pointer={pointer} length={text.length} limit={schema.maxLength ?? Infinity} />
    </Box>
  );
}
