import { FileButton, Button, Group, Modal, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconFile, IconUpload } from "@tabler/icons-react";
import { useLocation } from "wouter";

import { complain } from "@/shell/notice";

import styles from "./Flows.module.css";
import { type Beginning, readyMade, useFlowActions } from "./flows";
import { readFlowFile } from "./readFile";

/** Where a new flow begins: blank, from a ready-made one, or from a file. */
export function NewFlow({ onClose }: { onClose: () => void }) {
  const [, go] = useLocation();
  const { create } = useFlowActions();
  const { data: ready } = useQuery(readyMade);
  const begin = (from: Beginning) => create.mutate(from, { onSuccess: (flow) => go(`/flows/${flow.id}`) });
  const upload = (file: File | null) => {
    if (file) readFlowFile(file).then((document) => begin({ document }), complain);
  };
  return (
    <Modal opened onClose={onClose} size={780} title={<Text fw={620}>New flow</Text>}>
      <div className={styles.choices}>
        <UnstyledButton className={styles.choice} disabled={create.isPending} onClick={() => begin({ name: "New flow" })} data-autofocus>
          <IconFile size={22} stroke={1.5} color="var(--accent)" />
          <Text fw={560}>Blank</Text>
          <Text size="sm" c="dimmed">
            An empty canvas.
          </Text>
        </UnstyledButton>
        {ready?.map((each) => (
          <UnstyledButton key={each.key} className={styles.choice} disabled={create.isPending} onClick={() => begin({ ready_made: each.key })}>
            <Text fw={560}>{each.name}</Text>
            <Text size="sm" c="dimmed">
              {each.description}
            </Text>
            <Text size="xs" c="dimmed" mt="auto">
              {each.nodes} steps
            </Text>
          </UnstyledButton>
        ))}
      </div>
      <Group justify="space-between" mt="md">
        <Text size="sm" c="dimmed">
          A file that was exported here or elsewhere works, too.
        </Text>
        <FileButton accept="application/json,.json" onChange={upload}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconUpload size={15} />} loading={create.isPending}>
              Import a file
            </Button>
          )}
        </FileButton>
      </Group>
    </Modal>
  );
}
