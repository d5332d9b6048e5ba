import { Button, Stack, Text } from "@mantine/core";
import { IconCopy, IconTrash } from "@tabler/icons-react";

import { useView } from "@/canvas/view";
import { useActions } from "@/screens/builder/context";

import styles from "./Panel.module.css";

/** What can be done with several steps at once. */
export function Several() {
  const many = useView((view) => view.selected.length);
  const actions = useActions();
  return (
    <div className={styles.body}>
      <Stack gap="sm" pt="xs">
        <Text fw={600}>{many} steps selected</Text>
        <Text size="sm" c="dimmed">
          Drag one of them to move all. Ctrl C copies them, into another flow too.
        </Text>
        <Button variant="default" leftSection={<IconCopy size={16} />} onClick={() => actions.duplicate()}>
          Duplicate
        </Button>
        <Button variant="light" color="red" leftSection={<IconTrash size={16} />} onClick={() => actions.removeSelected()}>
          Delete
        </Button>
      </Stack>
    </div>
  );
}
