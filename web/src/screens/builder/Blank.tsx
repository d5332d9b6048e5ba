import { Button, Group, Kbd, Stack, Text, Title } from "@mantine/core";

import { iconOf, tint } from "@/canvas/look";
import { useFlow } from "@/flow/store";

import styles from "./Blank.module.css";
import { useActions } from "./context";

const FIRST = { x: 120, y: 180 };

/** What an empty canvas says: how a flow begins. */
export function Blank() {
  const empty = useFlow((state) => !state.document.nodes.length && !state.document.notes?.length && !state.readOnly);
  const types = useFlow((state) => state.types);
  const actions = useActions();
  if (!empty) return null;
  const starts = [...types.values()].filter((type) => type.starts);
  return (
    <div className={styles.blank}>
      <Stack align="center" gap="sm" className={styles.card}>
        <Title order={2}>How does it begin?</Title>
        <Text c="dimmed" ta="center" maw={320}>
          A flow starts with a trigger, such as a message with a keyword. Then say what follows, step by step.
        </Text>
        <Group gap="xs" justify="center">
          {starts.map((type) => {
            const Icon = iconOf(type.icon);
            return (
              <Button
                key={type.type}
                variant="default"
                leftSection={
                  <span className={styles.icon} style={tint(type.colour)}>
                    <Icon size={15} />
                  </span>
                }
                onClick={() => actions.add(type.type, FIRST)}
              >
                Begin with a {type.label.toLowerCase()}
              </Button>
            );
          })}
        </Group>
        <Text size="sm" c="dimmed" className={styles.keys}>
          Or drag a step from the left, or press <Kbd>/</Kbd>
        </Text>
      </Stack>
    </div>
  );
}
