import { ActionIcon, Anchor, Avatar, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconX } from "@tabler/icons-react";
import { Link } from "wouter";

import { contact, nameOf } from "@/screens/contacts/contacts";
import { Notes } from "@/screens/contacts/Notes";
import { Tags } from "@/screens/contacts/Tags";

import styles from "./Conversations.module.css";

/** Who one writes with: addresses, tags, and what colleagues know. */
export function About({ id, onClose }: { id: string; onClose: () => void }) {
  const { data: it } = useQuery(contact(id));
  if (!it) return null;
  return (
    <aside className={styles.about} aria-label="About the contact">
      <Stack gap="md">
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <Avatar name={nameOf(it)} color="initials" size={40} />
          <div style={{ flex: 1, minWidth: 0 }}>
            <Text fw={600} truncate>
              {nameOf(it)}
            </Text>
            {[it.phone, it.email].filter(Boolean).map((each) => (
              <Text key={each} size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                {each}
              </Text>
            ))}
            <Anchor component={Link} to={`/contacts/${id}`} size="sm">
              Open the profile
            </Anchor>
          </div>
          <ActionIcon aria-label="Close what is known of the contact" onClick={onClose}>
            <IconX size={16} />
          </ActionIcon>
        </Group>
        <Tags contact={it} />
        <Notes contact={id} />
      </Stack>
    </aside>
  );
}
