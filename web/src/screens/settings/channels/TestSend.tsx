import { Button, Group, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { ask, type Model } from "@/api/client";
import { sentence } from "@/api/error";
import { useFresh } from "@/api/live";

/** Sends a short text to one's own number, and says what became of it. */
export function TestSend({ channel }: { channel: string }) {
  const [to, setTo] = useState("");
  const send = useMutation({
    mutationFn: async () => {
      const body = { channel_id: channel, to: to.replace(/[\s()-]/g, ""), content: { type: "text", text: "Hello from PostDog: this channel works." } };
      return (await ask<Model<"SendAnswer">>("POST", "/v1/messages", body)).data;
    },
    meta: { quiet: true },
  });
  const id = send.data?.id;
  const sent = useQuery({
    queryKey: ["messages", id],
    queryFn: async () => (await ask<Model<"MessageShown">>("GET", `/v1/messages/${id}`)).data,
    enabled: Boolean(id),
  });
  useFresh(["message"], [["messages", id]]);
  const trouble = send.error ? sentence(send.error) : sent.data?.error?.message || sent.data?.error?.code;
  return (
    <div>
      <Group align="flex-end">
        <TextInput label="Your number" placeholder="+49 151 12345678" type="tel" value={to} onChange={(event) => setTo(event.target.value)} style={{ flex: 1 }} />
        <Button variant="default" disabled={!to.trim()} loading={send.isPending} onClick={() => send.mutate()}>
          Send
        </Button>
      </Group>
      <Text size="sm" mt={6} c={trouble ? "red" : "dimmed"} aria-live="polite">
        {trouble ?? (sent.data ? `The message is ${sent.data.status}.` : "WhatsApp delivers free text only to who wrote within the last 24 hours: write to your number first.")}
      </Text>
    </div>
  );
}
