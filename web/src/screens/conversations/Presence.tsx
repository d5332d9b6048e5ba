import { Select } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { ask } from "@/api/client";
import { SESSION, useSession } from "@/api/session";

const STATES = [
  { value: "online", label: "🟢 Online" },
  { value: "busy", label: "🟡 Busy" },
  { value: "offline", label: "⚪ Away" },
];

/** Whether conversations come to me. */
export function Presence() {
  const { data: me } = useSession();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (presence: string) => ask("PUT", `/v1/users/${me?.user_id}/presence`, { presence }),
    onSuccess: () => client.invalidateQueries({ queryKey: SESSION }),
  });
  if (!me?.user_id) return null;
  return (
    <Select
      aria-label="Your presence"
      size="xs"
      w={120}
      allowDeselect={false}
      data={STATES}
      value={change.isPending ? change.variables : me.presence}
      onChange={(value) => value && change.mutate(value)}
    />
  );
}
