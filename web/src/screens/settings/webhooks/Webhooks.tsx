import { Alert, Anchor, Badge, Button, Group, Menu, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconDots, IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import type { Model } from "@/api/client";
import { Loaded } from "@/shared/Loaded";

import { Entry, Part, Rows } from "../Part";
import { listOf, useChange } from "../resource";
import { Deliveries, outcome } from "./Deliveries";
import { EditWebhook, NewSecret } from "./EditWebhook";

export type Webhook = Model<"Webhook">;

const webhookList = listOf<Webhook>("/v1/webhooks", "webhooks");

/** Addresses of the workspace's own systems that are told what happens. */
export function Webhooks() {
  const list = useQuery(webhookList);
  const [editing, setEditing] = useState<Webhook | "new" | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <Part
      title="Webhooks"
      about={
        <>
          PostDog tells systems of yours what happens here: who wrote, who changed, and what your flows emit. Each notification is signed, and tried for a day. <Anchor href="/docs#tag/Webhooks" inherit>How to receive them</Anchor>
        </>
      }
      action={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing("new")}>
          Add webhook
        </Button>
      }
    >
      <Loaded query={list} what="The webhooks">
        {(webhooks) =>
          webhooks.length ? (
            webhooks.map((webhook) => <One key={webhook.id} webhook={webhook} onEdit={() => setEditing(webhook)} onSecret={setSecret} />)
          ) : (
            <Text c="dimmed">There is none yet. Add the address of a system of yours, and choose what it is told.</Text>
          )
        }
      </Loaded>
      {editing && <EditWebhook webhook={editing === "new" ? null : editing} onClose={() => setEditing(null)} onSecret={setSecret} />}
      {secret && <NewSecret secret={secret} onClose={() => setSecret(null)} />}
    </Part>
  );
}

interface OneProps {
  webhook: Webhook;
  onEdit: () => void;
  onSecret: (secret: string) => void;
}

function One({ webhook, onEdit, onSecret }: OneProps) {
  const [open, setOpen] = useState(false);
  const change = useChange<Model<"NewWebhook">>("webhooks");
  const test = useChange<Model<"Delivery">>("deliveries");
  const path = `/v1/webhooks/${webhook.id}`;
  const isOn = webhook.status === "on";
  const rotate = () => change.mutate({ method: "POST", path: `${path}/secret` }, { onSuccess: (made) => onSecret(made.secret) });
  return (
    <Rows>
      <Entry
        name={
          <Group component="span" gap={8}>
            {webhook.label || new URL(webhook.url).host}
            <Badge color={isOn ? (webhook.failures ? "orange" : "teal") : "gray"} variant="light">
              {isOn ? (webhook.failures ? "Failing" : "On") : "Off"}
            </Badge>
          </Group>
        }
        about={
          <>
            {webhook.url}
            <Text inherit mt={4}>
              {webhook.events.join(", ")}
            </Text>
          </>
        }
      >
        <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate({ method: "POST", path: `${path}/test` }, { onSuccess: () => setOpen(true) })}>
          Send a test
        </Button>
        <Button size="xs" variant="subtle" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? "Hide deliveries" : "Deliveries"}
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button size="xs" variant="subtle" color="gray" px={6} aria-label={`More for ${webhook.label || webhook.url}`}>
              <IconDots size={16} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={onEdit}>Change</Menu.Item>
            <Menu.Item onClick={rotate}>New secret</Menu.Item>
            <Menu.Item onClick={() => change.mutate({ method: "PATCH", path, body: { status: isOn ? "off" : "on" } })}>{isOn ? "Switch off" : "Switch on"}</Menu.Item>
            <Menu.Divider />
            <Menu.Item c="red" onClick={() => change.mutate({ method: "DELETE", path })}>
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Entry>
      {webhook.reason && (
        <Alert color="red" m={12} title="PostDog switched it off">
          {webhook.reason} Mend the address, then switch it on again.
        </Alert>
      )}
      {test.data && (
        <Alert color={test.data.status === "delivered" ? "teal" : "orange"} m={12} role="status">
          {outcome(test.data)}
        </Alert>
      )}
      {open && <Deliveries webhook={webhook.id} />}
    </Rows>
  );
}
