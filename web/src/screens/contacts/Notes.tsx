import { ActionIcon, Button, Group, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconTrash } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";

import { useSession } from "@/api/session";
import { colleagues } from "@/screens/conversations/conversations";
import { ago, when } from "@/shared/time";

import { notesOf, useContactActions } from "./contacts";
import styles from "./Notes.module.css";

/** What colleagues wrote down about a contact, who never sees it. */
export function Notes({ contact }: { contact: string }) {
  const me = useSession().data;
  const { data: notes } = useQuery(notesOf(contact));
  const { data: people } = useQuery(colleagues);
  const { note, removeNote } = useContactActions(contact);
  const [text, setText] = useState("");
  const add = () => text.trim() && !note.isPending && note.mutate(text.trim(), { onSuccess: () => setText("") });
  const key = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    add();
  };
  const author = (user: string | null) => people?.find((each) => each.id === user)?.name ?? "The API";
  return (
    <section aria-label="Notes">
      <Textarea label="Notes" description="Only colleagues see them." placeholder="What is worth knowing?" autosize minRows={1} maxRows={6} maxLength={5000} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={key} />
      {text.trim() && (
        <Button size="compact-sm" mt={6} loading={note.isPending} onClick={add}>
          Add the note
        </Button>
      )}
      <ul className={styles.notes}>
        {notes?.map((each) => (
          <li key={each.id}>
            <p>{each.text}</p>
            <Group justify="space-between" gap={4} wrap="nowrap">
              <Text size="xs" c="dimmed" title={when(each.at)}>
                {author(each.user_id)}, {ago(each.at)}
              </Text>
              {(me?.role !== "agent" || each.user_id === me.user_id) && (
                <ActionIcon size="sm" aria-label={`Delete the note: ${each.text.slice(0, 40)}`} onClick={() => removeNote.mutate(each.id)}>
                  <IconTrash size={14} />
                </ActionIcon>
              )}
            </Group>
          </li>
        ))}
      </ul>
    </section>
  );
}
