import { ActionIcon, Button, Group, Input, Stack, TextInput } from "@mantine/core";
import { IconArrowLeft, IconPlus, IconX } from "@tabler/icons-react";

import { isObject, type Json } from "@/flow/document";

import { type FieldProps, useForm, useTrouble } from "../context";
import styles from "./Group.module.css";
import { Line } from "./Text";

/** A table of names and what they take: texts with merge fields, or paths into what came. */
export function Mapping({ schema, pointer, value, label, onChange }: FieldProps) {
  const { readOnly } = useForm();
  const error = useTrouble(pointer, true);
  const merged = schema.ui === "line";
  const rows = Object.entries(isObject(value) ? value : {});
  const say = (next: [string, Json][]) => onChange(Object.fromEntries(next));
  const put = (index: number, key: string, path: Json) => say(rows.map((row, at) => (at === index ? [key, path] : row)));
  return (
    <Input.Wrapper label={label} description={schema.description} error={error}>
      <Stack gap={merged ? 10 : 6} mt={6}>
        {rows.map(([key, path], index) => {
          const name = <TextInput style={{ flex: 1 }} aria-label="Name" placeholder="Name" value={key} onChange={(event) => put(index, event.currentTarget.value, path)} disabled={readOnly} />;
          const takes = `What ${key || "it"} takes`;
          const remove = (
            <ActionIcon mt={4} aria-label={`Remove ${key || "row"}`} onClick={() => say(rows.filter((_, at) => at !== index))} disabled={readOnly}>
              <IconX size={15} />
            </ActionIcon>
          );
          return merged ? (
            <div key={index} className={styles.pair}>
              <Group gap={6} wrap="nowrap" align="flex-start" mb={6}>
                {name}
                {remove}
              </Group>
              <Line name={key} label="" accessibleLabel={takes} schema={{ ui: "line", type: "string", placeholder: schema.placeholder, secrets: schema.secrets }} pointer={`${pointer}/${index}`} value={path} required={false} onChange={(text) => put(index, key, text ?? "")} />
            </div>
          ) : (
            <Group key={index} gap={6} wrap="nowrap" align="flex-start">
              {name}
              <IconArrowLeft size={14} style={{ flex: "none", opacity: 0.6, marginTop: 10 }} aria-hidden />
              <TextInput style={{ flex: 1.3 }} aria-label={takes} placeholder={schema.placeholder ?? "order.total"} value={String(path ?? "")} onChange={(event) => put(index, key, event.currentTarget.value)} disabled={readOnly} />
              {remove}
            </Group>
          );
        })}
        <Button variant="default" leftSection={<IconPlus size={15} />} onClick={() => say([...rows, ["", ""]])} disabled={readOnly || "" in Object.fromEntries(rows)}>
          Add a row
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
