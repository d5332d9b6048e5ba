import { ActionIcon, Anchor, Avatar, Drawer, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconArrowLeft, IconX } from "@tabler/icons-react";
import { Link } from "wouter";

import { contact, nameOf } from "@/screens/contacts/contacts";
import { Notes } from "@/screens/contacts/Notes";
import { Tags } from "@/screens/contacts/Tags";

import styles from "./Conversations.module.css";

interface Props {
  id: string;
  onClose: () => void;
}

const TITLE = "About the contact";

/** Who one writes with, beside the messages. */
export function AboutBeside({ id, onClose }: Props) {
  return (
    <aside className={styles.about} aria-label={TITLE}>
      <ActionIcon aria-label="Close what is known of the contact" onClick={onClose} className={styles.closeAbout}>
        <IconX size={16} />
      </ActionIcon>
      <Known id={id} />
    </aside>
  );
}

/** The same where there is no room beside them: over the messages, and on a phone instead of them. */
export function AboutOver({ id, onClose, open, phone }: Props & { open: boolean; phone: boolean }) {
  const close = phone ? { icon: <IconArrowLeft size={18} />, "aria-label": "Back to the conversation" } : { "aria-label": "Close what is known of the contact" };
  return (
    <Drawer
      opened={open}
      onClose={onClose}
      position="right"
      size={phone ? "100%" : 340}
      title={TITLE}
      closeButtonProps={close}
      classNames={phone ? { header: styles.backHead } : undefined}
      transitionProps={{ duration: 140 }}
    >
      <Known id={id} />
    </Drawer>
  );
}

/** Addresses, tags, and what colleagues know. */
function Known({ id }: { id: string }) {
  const { data: it } = useQuery(contact(id));
  if (!it) return null;
  return (
    <Stack gap="md">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Avatar name={nameOf(it)} color="initials" size={40} />
        <div style={{ flex: 1, minWidth: 0 }}>
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
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
      </Group>
      <Tags contact={it} />
      <Notes contact={id} />
    </Stack>
  );
}
