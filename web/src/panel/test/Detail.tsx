import { Button, Group, Modal, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import type { Act } from "./simulation";

/** What must be said of a happening before it can happen. */
export interface Asked {
  title: string;
  label: string;
  type: "text" | "datetime-local";
  before: string;
  act: (value: string) => Act;
}

/** "2026-11-21T10:00" in the reader's own zone, as the field for a moment wants it. */
function local(instant: string): string {
  const moment = new Date(instant);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export const untilMoment = (now: string): Asked => ({
  title: "Go on until",
  label: "Day and time, in your own time zone",
  type: "datetime-local",
  before: local(now),
  act: (value) => ({ until: new Date(value).toISOString() }),
});

export const ANSWER: Asked = {
  title: "A colleague writes",
  label: "What",
  type: "text",
  before: "Hello, this is a person. How can I help?",
  act: (value) => ({ agent_says: value }),
};

export const EVENT: Asked = { title: "An event happens", label: "Its name", type: "text", before: "", act: (value) => ({ event: { name: value } }) };

/** Asks for it. */
export function Detail({ asked, onAct, onClose }: { asked: Asked; onAct: (act: Act) => void; onClose: () => void }) {
  const [value, setValue] = useState(asked.before);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAct(asked.act(value.trim()));
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={asked.title} size="sm">
      <form onSubmit={submit}>
        <TextInput type={asked.type} label={asked.label} value={value} required data-autofocus onChange={(event) => setValue(event.currentTarget.value)} />
        <Group justify="flex-end" mt="md">
          <Button type="submit">Go</Button>
        </Group>
      </form>
    </Modal>
  );
}
