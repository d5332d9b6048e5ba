import { Text, Tooltip } from "@mantine/core";

import { type Saving, useFlow } from "@/flow/store";

import styles from "./SaveState.module.css";

const WORDS: Record<Saving, string> = {
  saved: "Saved",
  dirty: "Saving…",
  saving: "Saving…",
  offline: "Not saved: the server can’t be reached",
  waiting: "Not saved yet: trying again",
  refused: "Not saved",
  gone: "Not saved: the flow was deleted",
};

/** Whether the work is safe. */
export function SaveState() {
  const saving = useFlow((state) => state.saving);
  const trouble = useFlow((state) => state.trouble);
  const bad = !["saved", "dirty", "saving"].includes(saving);
  return (
    <Tooltip label={trouble} disabled={!bad || !trouble} multiline maw={320}>
      <Text size="sm" c={bad ? "red" : "dimmed"} role="status" aria-live="polite" truncate className={styles.state} data-saving={saving}>
        {WORDS[saving]}
      </Text>
    </Tooltip>
  );
}
