import { ActionIcon, Chip, Group, Text, Textarea, Tooltip } from "@mantine/core";
import { IconBraces } from "@tabler/icons-react";
import { useRef, useState } from "react";

import { Picker, type PickerItem } from "@/shared/Picker";

import { type FieldProps, type Readable, useForm, useTrouble } from "../context";
import { asItem } from "./Text";

const OFFERED = 4;
const WORD = /[A-Za-z_][A-Za-z0-9_.]*$/;
const LONGEST = 1000;
const EXAMPLE = "contact.age >= 18 && 'vip' in contact.tags";

/** A CEL expression, with what it may name offered while a word is typed. The server says what is wrong with it. */
export function Expression({ schema, pointer, value, label, required, onChange }: FieldProps) {
  const error = useTrouble(pointer);
  return <Source label={label} description={schema.description} required={required} value={typeof value === "string" ? value : ""} error={error} onChange={onChange} />;
}

interface Props {
  label: string;
  hidden?: boolean;
  description?: string;
  required?: boolean;
  value: string;
  error?: string;
  tools?: React.ReactNode;
  onChange: (value: string) => void;
}

export function Source({ label, hidden = false, description, required, value, error, tools, onChange }: Props) {
  const { readables, readOnly } = useForm();
  const input = useRef<HTMLTextAreaElement>(null);
  const [word, setWord] = useState("");
  const [open, setOpen] = useState<{ x: number; y: number } | null>(null);
  const offered = word ? readables.filter((each) => begins(each, word)).slice(0, OFFERED) : [];

  const follow = () => {
    const element = input.current;
    setWord(element ? (WORD.exec(element.value.slice(0, element.selectionStart))?.[0] ?? "") : "");
  };
  const insert = (path: string, instead: number) => {
    const element = input.current;
    const end = element?.selectionStart ?? value.length;
    const begin = end - instead;
    onChange(value.slice(0, begin) + path + value.slice(element?.selectionEnd ?? end));
    setWord("");
    requestAnimationFrame(() => {
      element?.focus();
      element?.setSelectionRange(begin + path.length, begin + path.length);
    });
  };
  const show = () => {
    const box = input.current?.getBoundingClientRect();
    if (box) setOpen({ x: box.left, y: box.bottom + 4 });
  };
  const pick = ({ id }: PickerItem) => {
    setOpen(null);
    insert(id, 0);
  };
  const button = !readOnly && readables.length > 0 && (
    <Tooltip label="Insert a value">
      <ActionIcon size="sm" aria-label="Insert a value" onClick={show} onMouseDown={(event) => event.preventDefault()}>
        <IconBraces size={15} />
      </ActionIcon>
    </Tooltip>
  );
  return (
    <div>
      <Group justify="space-between" gap={4} wrap="nowrap">
        <Text size="sm" fw={540} aria-hidden>
          {hidden ? "Expression" : label}
        </Text>
        <Group gap={2} wrap="nowrap">
          {button}
          {tools}
        </Group>
      </Group>
      <Textarea
        ref={input}
        mt={4}
        aria-label={label}
        description={description}
        placeholder={EXAMPLE}
        autosize
        minRows={2}
        maxRows={10}
        maxLength={LONGEST}
        spellCheck={false}
        autoCapitalize="off"
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.82rem" } }}
        value={value}
        onChange={(event) => {
          onChange(event.currentTarget.value);
          follow();
        }}
        onKeyUp={follow}
        onClick={follow}
        disabled={readOnly}
        error={error}
        withAsterisk={required}
      />
      {offered.length > 0 && offered[0]?.path !== word && (
        <Group gap={4} mt={6} role="group" aria-label="Values that begin so">
          {offered.map(({ path }) => (
            <Chip key={path} size="xs" radius="sm" checked={false} onMouseDown={(event) => event.preventDefault()} onChange={() => insert(path, word.length)}>
              {path}
            </Chip>
          ))}
        </Group>
      )}
      {open && <Picker items={readables.map(asItem)} placeholder="Insert a value" label="Insert a value" at={open} onPick={pick} onClose={() => setOpen(null)} />}
    </div>
  );
}

/** "contact.a" begins contact.age; "age" too, since people leave out what stands before. */
const begins = ({ path }: Readable, word: string) => path.startsWith(word) || (!word.includes(".") && path.split(".").some((part) => part.startsWith(word)));
