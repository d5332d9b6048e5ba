import { ActionIcon, Alert, Badge, Button, Group, Loader, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlugConnected, IconSend, IconX } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { ask, type Model } from "@/api/client";
import { ApiError, sentence } from "@/api/error";
import { flowPath } from "@/api/flow";
import { isObject, type Json } from "@/flow/document";
import { useFlowStore } from "@/flow/store";

import { type FieldProps, useForm } from "../context";
import { Answer } from "./Answer";
import { variableFor } from "./parts";
import styles from "./Trial.module.css";

type Tried = Model<"NodeTried">;

/** Milliseconds without typing before the server is asked what the call needs now. */
const PAUSE = 400;

/** What was typed as samples, by flow and path: who comes back to the step need not type it again. */
const typed = new Map<string, string>();

/** Makes the step's call once, for real: what it asks for, what came back, and what of it is kept. */
export default function Trial({ schema, value, onChange }: FieldProps) {
  const [open, setOpen] = useState(false);
  const { readOnly } = useForm();
  if (readOnly) return null;
  if (!open)
    return (
      <Button variant="light" leftSection={<IconPlugConnected size={16} />} onClick={() => setOpen(true)} fullWidth>
        Try it
      </Button>
    );
  return <Opened examples={schema.trial ?? ""} keeps={isObject(value) ? value : {}} onKeep={onChange} onClose={() => setOpen(false)} />;
}

interface Props {
  /** The field that keeps answers as examples. */
  examples: string;
  keeps: Record<string, Json>;
  onKeep: (keeps: Json) => void;
  onClose: () => void;
}

function Opened({ examples, keeps, onKeep, onClose }: Props) {
  const { node, config, put, variables } = useForm();
  const flow = useFlowStore();
  const { id } = flow.getState();
  const [, show] = useState(0);
  const sample = (path: string) => typed.get(`${id} ${path}`) ?? "";
  const request = async (rest: object) => (await ask<Tried>("POST", `${flowPath(id)}/try`, { node, document: flow.getState().document, ...rest })).data;
  const [settled] = useDebouncedValue(config, PAUSE);
  const plan = useQuery({ queryKey: ["try", id, node, settled], queryFn: () => request({ dry_run: true }), retry: false, gcTime: 0, placeholderData: (before) => before });
  const attempt = useMutation({
    mutationFn: () => request({ values: Object.fromEntries((plan.data?.asks ?? []).filter((each) => sample(each.path)).map((each) => [each.path, valueOf(sample(each.path), each.type)])) }),
    meta: { quiet: true },
  });
  const taken = [...Object.keys(keeps), ...variables];
  const known = examples && Array.isArray(config[examples]) ? config[examples] : [];
  return (
    <section className={styles.trial} aria-label="Try it">
      <Group justify="space-between" wrap="nowrap" gap={4}>
        <Text size="sm" fw={600}>
          Try it
        </Text>
        <ActionIcon size="sm" aria-label="Close the try" onClick={onClose}>
          <IconX size={15} />
        </ActionIcon>
      </Group>
      {plan.isPending && <Loader size="sm" aria-label="Looking what it needs" />}
      {plan.error && <Refused error={plan.error} />}
      {plan.data && !plan.error && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            attempt.mutate();
          }}
        >
          <Stack gap="sm">
            <Text size="xs" c="dimmed">
              This makes the call once, for real: the other system can’t tell it from a contact’s.
              {plan.data.asks.length > 0 && " Say what a contact would bring."}
            </Text>
            {plan.data.asks.map(({ path, label, type }) => (
              <TextInput
                key={path}
                label={label}
                description={label === path ? undefined : path}
                placeholder={HINTS[type] ?? "Empty"}
                value={sample(path)}
                onChange={(event) => {
                  typed.set(`${id} ${path}`, event.currentTarget.value);
                  show((times) => times + 1);
                }}
              />
            ))}
            <Button type="submit" leftSection={<IconSend size={15} />} loading={attempt.isPending}>
              Make the call
            </Button>
          </Stack>
        </form>
      )}
      <div aria-live="polite">
        {attempt.error && <Refused error={attempt.error} />}
        {attempt.data && !attempt.isPending && (
          <Stack gap="sm">
            <Came tried={attempt.data} />
            {attempt.data.answer && (
              <Answer
                answer={attempt.data.answer}
                kept={Object.values(keeps).map(String)}
                onKeep={(path) => onKeep({ ...keeps, [variableFor(path, taken)]: path })}
                onExample={examples ? (body, status) => put(examples, [...known, { name: nameFor(status, known), status, body }]) : undefined}
              />
            )}
          </Stack>
        )}
      </div>
    </section>
  );
}

const HINTS: Record<string, string> = { number: "42", boolean: "true", date: "2026-04-01", list: '["one", "two"]', object: '{"key": "value"}' };

/** What stands for a contact's value, in its type; a text stays one. */
function valueOf(text: string, type: string): Json {
  if (type === "text" || type === "date") return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

const nameFor = (status: number, known: readonly Json[]) => {
  const name = status < 300 ? "As it answered" : `Status ${status}`;
  return known.some((each) => isObject(each) && each.name === name) ? `${name} ${known.length + 1}` : name;
};

/** Why it wasn't tried. */
function Refused({ error }: { error: unknown }) {
  const details = error instanceof ApiError ? error.details : [];
  return (
    <Alert color="red" p="xs" fz="sm">
      {details.length ? details.map((each) => <div key={each.field + each.message}>{each.message}</div>) : sentence(error)}
    </Alert>
  );
}

/** How it went, what was asked, and what the step keeps of it. */
function Came({ tried }: { tried: Tried }) {
  const { answer, code, reason, port, keeps, seconds, sent } = tried;
  const well = answer !== null && answer.status < 300 && !code;
  return (
    <>
      <div className={styles.request}>
        <b>{String(sent.method ?? "")}</b>
        <code>{String(sent.url ?? "")}</code>
      </div>
      <Group gap={8}>
        {answer && (
          <Badge color={well ? "teal" : answer.status < 400 ? "yellow" : "red"} variant="light">
            {answer.status}
          </Badge>
        )}
        <Text size="xs" c="dimmed">
          {seconds.toFixed(2)} s{port && ` · goes on by “${port.label}”`}
        </Text>
      </Group>
      {code && (
        <Alert color={answer ? "orange" : "red"} p="xs" fz="sm">
          {reason ? `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.` : code}
        </Alert>
      )}
      {keeps.length > 0 && answer && (
        <dl className={styles.kept} aria-label="What is kept">
          {keeps.map((each) => (
            <div key={each.name} style={{ display: "contents" }}>
              <dt>{each.name}</dt>
              <dd>{each.value ?? "empty: nothing is there"}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
