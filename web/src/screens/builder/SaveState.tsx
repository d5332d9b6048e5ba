import { Text, Tooltip } from "@mantine/core";

import { type Saving, useFlow } from "@/flow/store";

import styles from "./SaveState.module.css";

const WORDS: Record<Saving, string> = {
  saved: "Saved",
  dirty: "Saving…",
  saving: "Saving…",
  offline: "Not saved: the server can’t be reached",
  refused: "Not saved",
};

/** Whether the work is safe. */
export function SaveState() {
  const saving = useFlow((state) => state.saving);
  const trouble = useFlow((state) => state.trouble);
  const bad = saving === "offline" || saving === "refused";
  return (
    <Tooltip label={trouble} disabled={!bad || !trouble} multiline maw={320}>
      <Text size="sm" c={bad ? "red" : "dimmed"} role="status" aria-live="polite" truncate className={styles.state} data-saving={saving}>
        {WORDS[saving]}
      </Text>
    </Tooltip>
  );
}
