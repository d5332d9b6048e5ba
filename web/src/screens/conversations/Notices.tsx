import { ActionIcon, Indicator, Popover, ScrollArea, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconBell } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";

import { ask, type Model } from "@/api/client";
import { ago } from "@/shared/time";

import { CONVERSATIONS } from "./conversations";

const KEY = [...CONVERSATIONS, "notices"];

/** What flows tell the teams: a bell with the count of what is new, live. */
export function Notices() {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const { data } = useQuery({ queryKey: KEY, queryFn: async () => (await ask<Model<"Notices">>("GET", "/v1/notices")).data });
  const see = useMutation({
    mutationFn: (upTo: string) => ask("POST", "/v1/notices/seen", { up_to: upTo }),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
  const unseen = data?.unseen ?? 0;
  const change = (next: boolean) => {
    setOpen(next);
    const [newest] = data?.data ?? [];
    if (next && newest && unseen) see.mutate(newest.id);
  };
  return (
    <Popover opened={open} onChange={change} width={320} position="bottom-end" shadow="md" withinPortal>
      <Indicator label={unseen > 99 ? "99+" : unseen} disabled={!unseen} size={16} color="red" offset={4}>
        <Popover.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={unseen ? `Notices: ${unseen} new` : "Notices"} onClick={() => change(!open)}>
            <IconBell size={18} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown p={0}>
        <ScrollArea.Autosize mah={360}>
          {data?.data.length === 0 && (
            <Text size="sm" c="dimmed" p="md">
              Nothing yet. A flow's Notify step writes here.
            </Text>
          )}
          <ul aria-label="Notices" style={{ listStyle: "none", margin: 0, padding: data?.data.length ? 8 : 0 }}>
            {data?.data.map((notice) => (
              <li key={notice.id} style={{ padding: 8 }}>
                <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                  {notice.text}
                </Text>
                <Text size="xs" c="dimmed">
                  <Link href={notice.conversation_id ? `/conversations/${notice.conversation_id}` : `/contacts/${notice.contact_id}`} onClick={() => setOpen(false)}>
                    {notice.contact_name || "Visitor"}
                  </Link>{" "}
                  · {ago(notice.at)}
                </Text>
              </li>
            ))}
          </ul>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
