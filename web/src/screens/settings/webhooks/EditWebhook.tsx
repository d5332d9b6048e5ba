import { Button, Group, Modal, NumberInput, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import type { Model } from "@/api/client";

import { Copy } from "../Copy";
import { useChange } from "../resource";

type Webhook = Model<"Webhook">;

/** What may be asked for, as schemas/notification.py lists it; a flow's own names may be written beside. */
const EVENTS = [
  { group: "Everything", items: ["*"] },
  { group: "Your flows", items: ["flow.event"] },
  { group: "Messages", items: ["message.*", "message.received", "message.replied", "message.sent", "message.delivered", "message.read", "message.failed"] },
  { group: "Deliveries, flat", items: ["delivery.*", "delivery.sent", "delivery.failed", "delivery.skipped"] },
  { group: "Contacts", items: ["contact.*", "contact.created", "contact.updated"] },
  { group: "Conversations", items: ["conversation.*", "conversation.assigned", "conversation.resolved"] },
  { group: "Runs", items: ["run.*", "run.completed", "run.failed", "run.expired", "run.interrupted", "run.stopped"] },
];

interface Props {
  webhook: Webhook | null;
  onClose: () => void;
  onSecret: (secret: string) => void;
}

/** Adds a webhook, or changes one. */
export function EditWebhook({ webhook, onClose, onSecret }: Props) {
  const [url, setUrl] = useState(webhook?.url ?? "https://");
  const [label, setLabel] = useState(webhook?.label ?? "");
  const [events, setEvents] = useState<string[]>([...(webhook?.events ?? ["flow.event"])]);
  const [timeout, setTimeout] = useState<number | string>(webhook?.timeout ?? 5);
  const change = useChange<Model<"NewWebhook">>("webhooks");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { url: url.trim(), label: label.trim(), events, timeout: Number(timeout) || 5 };
    const onSuccess = (made: Model<"NewWebhook">) => {
      onClose();
      if (!webhook) onSecret(made.secret);
    };
    change.mutate(webhook ? { method: "PATCH", path: `/v1/webhooks/${webhook.id}`, body } : { method: "POST", path: "/v1/webhooks", body }, { onSuccess });
  };
  return (
    <Modal opened onClose={onClose} title={<Text fw={620}>{webhook ? "Change webhook" : "New webhook"}</Text>}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Address" description="Where PostDog sends a POST; it begins with https://." required data-autofocus value={url} onChange={(event) => setUrl(event.target.value)} />
          <TextInput label="Name" placeholder="Shop" value={label} onChange={(event) => setLabel(event.target.value)} />
          <TagsInput
            label="What it is told"
            description="Choose from the list, or write the name of an event of your flows and press Enter."
            data={EVENTS}
            value={events}
            onChange={setEvents}
            required={events.length === 0}
            maxTags={50}
          />
          <NumberInput label="Seconds to answer" description="Later counts as a failure, and the notification comes again." min={1} max={30} allowDecimal={false} value={timeout} onChange={setTimeout} />
          <Group justify="flex-end">
            <Button type="submit" loading={change.isPending} disabled={events.length === 0}>
              {webhook ? "Save" : "Add webhook"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** A secret that is shown this once. */
export function NewSecret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={<Text fw={620}>The webhook's secret</Text>}>
      <Stack>
        <Text size="sm">Your system checks each notification's signature with it. Keep it in a safe place: it is shown this once.</Text>
        <Copy label="Secret" value={secret} />
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
