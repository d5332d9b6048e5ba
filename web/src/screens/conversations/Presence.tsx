import { Group, Select } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { ask } from "@/api/client";
import { SESSION, useSession } from "@/api/session";

import styles from "./Conversations.module.css";

const STATES = [
  { value: "online", label: "Online" },
  { value: "busy", label: "Busy" },
  { value: "offline", label: "Away" },
];
const COLOURS: Record<string, string> = { online: "var(--mantine-color-teal-6)", busy: "var(--mantine-color-yellow-6)", offline: "var(--mantine-color-gray-5)" };
const dot = (state: string) => <span className={styles.dot} style={{ background: COLOURS[state] }} />;

/** Whether conversations come to me. */
export function Presence() {
  const { data: me } = useSession();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (presence: string) => ask("PUT", `/v1/users/${me?.user_id}/presence`, { presence }),
    onSuccess: () => client.invalidateQueries({ queryKey: SESSION }),
  });
  if (!me?.user_id) return null;
  const now = change.isPending ? change.variables : me.presence;
  return (
    <Select
      aria-label="Your presence"
      size="xs"
      w={104}
      rightSectionWidth={24}
      style={{ flex: "none" }}
      allowDeselect={false}
      data={STATES}
      value={now}
      leftSection={dot(now)}
      renderOption={({ option }) => (
        <Group gap={8}>
          {dot(option.value)}
          {option.label}
        </Group>
      )}
      onChange={(value) => value && change.mutate(value)}
    />
  );
}
